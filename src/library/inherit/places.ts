// Where the superdaemon listens, as SERVER_STARTER_PORT names it, and whether a program asks for one of these places.

import type { Socket } from 'node:dgram';
import type { Server } from 'node:net';
import { resolve } from 'node:path';

export interface Place {
  /** What SERVER_STARTER_PORT calls it. */
  readonly name: string;
  /** The next one is a spare of it. */
  fd: number;
  readonly spares: number[];
  readonly at: Wanted;
  /** This worker's alone, by --worker-port: the program may not know of it. */
  readonly isOwn: boolean;
  /** undefined: nobody has said. */
  readonly isDatagram: boolean | undefined;
  /** Whoever listens here; undefined: nobody yet, or nobody any more. */
  taker: Server | Socket | undefined;
  /** It listens here. */
  listens: boolean;
  /** Whoever took it has closed it, and with it the descriptor. */
  isClosed: boolean;
}

/** What a program asks for. */
export type Wanted =
  | { readonly kind: 'port'; readonly port: number; readonly host: string | undefined }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'descriptor'; readonly fd: number };

/** Nothing for what cannot be read: a preload must not break a program that does not need it. */
export function parsePlaces(environment: NodeJS.ProcessEnv): readonly Place[] {
  const { SERVER_STARTER_PORT: ports = '', SERVER_STARTER_SPARES: spares = '' } = environment;
  const udp = numbersIn(environment.SERVER_STARTER_UDP);
  const own = numbersIn(environment.SERVER_STARTER_OWN);
  const unknown = environment.SERVER_STARTER_SIGNALS === undefined;
  return ports.split(';').flatMap((entry): Place[] => {
    // A path may have an equals sign, too: the last one counts.
    const sign = entry.lastIndexOf('=');
    const text = entry.slice(sign + 1);
    if (sign < 1 || !DIGITS.test(text)) return [];
    const name = entry.slice(0, sign);
    const fd = Number(text);
    const isDatagram = unknown ? undefined : udp.includes(fd);
    const place = {
      name,
      fd,
      at: placeOf(name),
      spares: sparesOf(fd, spares),
      isOwn: own.includes(fd),
      isDatagram,
    };
    return [{ ...place, taker: undefined, listens: false, isClosed: false }];
  });
}

const DIGITS = /^\d{1,9}$/;

function numbersIn(text: string | undefined): readonly number[] {
  return text?.split(',').map(Number) ?? [];
}

/** Those that a program has to listen on: where there are only the worker's own, on these. */
export function awaitedPlaces(places: readonly Place[]): readonly Place[] {
  const common = places.filter(({ isOwn }) => !isOwn);
  return common.length > 0 ? common : places;
}

function sparesOf(fd: number, text: string): number[] {
  const pairs = text.matchAll(/(?<=^|,)(\d{1,9}):(\d{1,9})(?=,|$)/g);
  return Array.from(pairs).flatMap(([, of, spare]) => (Number(of) === fd ? [Number(spare)] : []));
}

export function leave(place: Place): void {
  place.taker = undefined;
  place.listens = false;
}

/** Node closes the descriptor with whoever has listened on it. */
export function release(place: Place): void {
  const spare = place.spares.shift();
  leave(place);
  if (spare === undefined) place.isClosed = true;
  else place.fd = spare;
}

/** The other free ones that who listens on all addresses, of both families, means, too. */
export function companionsOf(places: readonly Place[], wanted: Wanted | undefined): readonly Place[] {
  if (wanted?.kind !== 'port' || !['', '::'].includes(hostOf(wanted))) return [];
  return places.filter(
    (place) => place.isDatagram !== true && place.taker === undefined && isSame(place, wanted),
  );
}

function placeOf(name: string): Wanted {
  const colon = name.lastIndexOf(':');
  const host = colon < 0 ? undefined : name.slice(0, colon);
  const port = name.slice(colon + 1);
  if (!DIGITS.test(port) || host?.includes('/')) return { kind: 'path', path: name };
  return { kind: 'port', port: Number(port), host };
}

/** The place that is asked for, a free one first and one of exactly that host before the others. */
export function findPlace(
  places: readonly Place[],
  wanted: Wanted,
  use: 'stream' | 'datagram',
): Place | undefined {
  const other = use === 'stream';
  const fitting = places.filter((place) => place.isDatagram !== other && isSame(place, wanted));
  if (fitting.length < 2) return fitting[0];
  const exact = fitting.filter(({ at }) => at.kind !== 'port' || hostOf(at) === hostOf(wanted));
  const all = [...exact, ...fitting];
  return all.find(({ taker }) => taker === undefined) ?? all[0];
}

function isSame({ at, fd }: Place, wanted: Wanted): boolean {
  switch (wanted.kind) {
    case 'descriptor':
      return wanted.fd === fd;
    case 'path':
      return at.kind === 'path' && (at.path === wanted.path || resolve(at.path) === resolve(wanted.path));
    case 'port':
      return at.kind === 'port' && at.port === wanted.port && mayMeet(hostOf(at), hostOf(wanted));
  }
}

const EVERYWHERE: readonly string[] = ['', '*', '::', '0.0.0.0'];
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '::1'];

function hostOf(wanted: Wanted): string {
  const host = wanted.kind === 'port' ? (wanted.host ?? '').toLowerCase() : '';
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/** `localhost` may be either loopback address. */
function mayMeet(one: string, other: string): boolean {
  if (one === other || EVERYWHERE.includes(one) || EVERYWHERE.includes(other)) return true;
  return [one, other].includes('localhost') && LOOPBACK.includes(one) && LOOPBACK.includes(other);
}
