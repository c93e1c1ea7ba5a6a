// A listening socket of ours, for as long as the superdaemon lives: what it is called, where it lies, and how it goes.

import { closeQuietly } from '../posix/file/descriptor.ts';
import { removeOwnFile } from '../posix/file/own-file.ts';
import type { Queue } from '../posix/process/spawn.ts';
import type { FdEntry } from './fd-table.ts';
import type { SocketSpec } from './socket-spec.ts';

export interface Listener extends FdEntry, Disposable {
  readonly spec: SocketSpec;
  /** The socket's name in the LISTEN_FDNAMES of our caller. */
  readonly fdName: string | undefined;
  /** Tells the socket's file from any other (own-file.ts); undefined where there is none, or it is not ours. */
  file: string | undefined;
  /** Connections that the kernel may queue; undefined: that is our caller's business. */
  readonly backlog: number | undefined;
}

/** The very same array as long as they are the same. */
export type ListenersNow = () => readonly Listener[];

export interface Listeners extends Disposable {
  readonly listeners: readonly Listener[];
}

/** What the successor is told of one; `from` is open. */
export type InheritedListener = Omit<Listener, keyof Disposable>;

/** Releases them in reverse. */
export function disposing(listeners: Listener[]): Listeners {
  return {
    listeners,
    [Symbol.dispose]: () => {
      for (const listener of listeners.splice(0).reverse()) listener[Symbol.dispose]();
    },
  };
}

/** Those of the predecessor, as they are. */
export function inheritListeners(inherited: readonly InheritedListener[]): Listeners {
  return disposing(inherited.map((each) => listener(each)));
}

/** `stays`: whether somebody serves it when we end. */
export function listener(of: InheritedListener, stays = () => false): Listener {
  const { spec, from } = of;
  const listener: Listener = {
    ...of,
    [Symbol.dispose]: () => {
      const { file } = listener;
      if (spec.kind === 'unix' && file !== undefined && !stays()) removeOwnFile(spec.path, file)();
      closeQuietly(from);
    },
  };
  return listener;
}

/** Those queues that a spawn may restore: of a Unix socket the worker would be named as the one that listens, by SO_PEERCRED. */
export function queuesOf(listeners: readonly Listener[]): Queue[] {
  return listeners.flatMap(({ spec, from: fd, backlog }) =>
    spec.kind !== 'tcp' || backlog === undefined ? [] : [{ fd, backlog }],
  );
}
