// How a worker is found to be ready. A generation's watch stands from before its spawn until its death, so that no
// message is missed and none of another generation's is taken for it.

import type { Environment } from '../posix/process/caller.ts';
import type { Heard } from './notify-words.ts';
import type { WorkerEnvironment } from './worker-environment.ts';

export type Readiness =
  /** Alive after the interval. */
  | { readonly kind: 'interval' }
  /** It says so. */
  | { readonly kind: 'notify' }
  /** A command says so by exiting 0. */
  | { readonly kind: 'exec'; readonly command: string };

export interface Watch extends Disposable {
  /** What the worker's environment gets besides. */
  readonly variables: Environment;
  /** The worker has been spawned, in this environment. */
  begin(pid: number, environment: WorkerEnvironment): void;
  /** Hears what has been said and waits to be read. */
  look(): void;
  /** For the successor. What cannot go on there ends here. */
  forSuccessor(): InheritedWatch | undefined;
}

/** What a worker that was started by the predecessor may still say something to. */
export interface InheritedWatch {
  readonly pipe: InheritedPipe | undefined;
  readonly socket: InheritedSocket | undefined;
}

export interface InheritedPipe {
  /** The reading end. */
  readonly read: number;
  /** What came without an end of line. */
  readonly text: string;
}

export interface InheritedSocket {
  readonly fd: number;
  readonly path: string;
}

/** What a watch hears. */
export interface WatchCallbacks {
  ready(): void;
  /** It says that it lives. */
  alive(): void;
  /** It wants to be replaced. */
  replace(): void;
  /** The worker's own words on what it does. */
  status(text: string): void;
  /** A process that serves, and that signals are for. */
  main(pid: number): void;
  /** The preload of `--as=node` is in one of its processes. */
  preloaded(): void;
}

export function passOn(
  { statuses, mains, preloaded, alive, replace }: Heard,
  callbacks: WatchCallbacks,
): void {
  if (preloaded) callbacks.preloaded();
  for (const status of statuses) callbacks.status(status);
  for (const main of mains) callbacks.main(main);
  if (alive) callbacks.alive();
  if (replace) callbacks.replace();
}

export interface WatchWorker {
  /** Before its spawn. */
  open(generation: number, callbacks: WatchCallbacks): Watch;
  /** A worker that was started by the predecessor. */
  inherit(pid: number, inherited: InheritedWatch, callbacks: WatchCallbacks): Watch;
}

/** Of a worker that has nothing to say. */
export const unheard: Watch & { forSuccessor(): undefined } = {
  variables: new Map(),
  begin: () => {},
  look: () => {},
  forSuccessor: () => undefined,
  [Symbol.dispose]: () => {},
};

export const noWatch: WatchWorker = { open: () => unheard, inherit: () => unheard };
