// What `server.listen(…)` and `socket.bind(…)` were asked for, in any of the forms that Node documents.

import type { Wanted } from './places.ts';

export interface Asked {
  /** undefined: something that is no place of anybody's, a handle for one. */
  readonly wanted: Wanted | undefined;
  /** The object that was given, if one was. */
  readonly options: object;
  readonly callback: (() => void)[];
}

export function askedToListen(args: readonly unknown[]): Asked {
  const [first, second] = args;
  const callback = callbackIn(args);
  if (typeof first === 'object' && first !== null)
    return { wanted: ofOptions(first), options: first, callback };
  if (isPath(first)) return { wanted: { kind: 'path', path: first }, options: {}, callback };
  const host = typeof second === 'string' ? second : undefined;
  return { wanted: ofPort(first, host), options: {}, callback };
}

export function askedToBind(args: readonly unknown[]): Asked {
  const [first, second] = args;
  const callback = callbackIn(args);
  if (typeof first !== 'object' || first === null) {
    return { wanted: ofPort(first, typeof second === 'string' ? second : undefined), options: {}, callback };
  }
  const { fd, port, address } = first as Record<string, unknown>; // Each is looked at below.
  const wanted = ofDescriptor(fd) ?? ofPort(port, typeof address === 'string' ? address : undefined);
  return { wanted, options: first, callback };
}

function callbackIn(args: readonly unknown[]): (() => void)[] {
  const last = args.at(-1);
  return typeof last === 'function' ? [last as () => void] : [];
}

function ofOptions(options: object): Wanted | undefined {
  if ('_handle' in options || 'handle' in options) return undefined;
  const { fd, port, host, path } = options as Record<string, unknown>;
  if (typeof fd === 'number') return ofDescriptor(fd);
  if (port !== undefined && port !== null) return ofPort(port, typeof host === 'string' ? host : undefined);
  return typeof path === 'string' && isPath(path) ? { kind: 'path', path } : undefined;
}

function ofDescriptor(fd: unknown): Wanted | undefined {
  return typeof fd === 'number' && fd >= 0 ? { kind: 'descriptor', fd } : undefined;
}

function ofPort(port: unknown, host: string | undefined): Wanted | undefined {
  if (typeof port !== 'number' && typeof port !== 'string') return undefined;
  const number = Number(port);
  return Number.isInteger(number) && number >= 0 ? { kind: 'port', port: number, host } : undefined;
}

/** Node takes text that is no number for a path. */
function isPath(text: unknown): text is string {
  return typeof text === 'string' && !(Number(text) >= 0);
}
