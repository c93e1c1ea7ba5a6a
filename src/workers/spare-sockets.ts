// For --as=node each socket has a second number: Node closes a descriptor with the server that listens on it, and has no call
// for another one, so a program that closes its server and listens again would find none.

import type { Descriptor } from '../posix/process/spawn.ts';
import type { ServerName } from './server-adapter.ts';

export interface SpareWorld {
  readonly server: ServerName | undefined;
  /** What else has a number in the worker, or is a source of what has. */
  readonly others: readonly Descriptor[];
  readonly passedThrough: readonly number[];
  /** The soft limit of open files. Where it leaves no room there are no spares. */
  readonly limit: number;
}

export interface Spare extends Descriptor {
  /** The worker's number of the same socket. */
  readonly of: number;
}

const FIRST_SPARE = 200;

export function spareSockets(
  sockets: readonly Descriptor[],
  { server, others, passedThrough, limit }: SpareWorld,
): readonly Spare[] {
  if (server !== 'node') return [];
  const taken = new Set([...sockets, ...others].flatMap(({ from, to }) => [from, to]).concat(passedThrough));
  let next = FIRST_SPARE;
  const spares = sockets.map(({ from, to }) => {
    while (taken.has(next)) next += 1;
    return { from, to: next++, of: to };
  });
  return next < limit ? spares : [];
}

/** `100:200,101:201`. */
export function spareVariables(spares: readonly Spare[]): [name: string, value: string][] {
  if (spares.length === 0) return [];
  return [['SERVER_STARTER_SPARES', spares.map(({ of, to }) => `${of}:${to}`).join(',')]];
}
