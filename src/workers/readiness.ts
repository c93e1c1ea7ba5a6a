// How a worker is found to be ready. A generation's watch stands from before its spawn until its death, so that no
// message is missed and none of another generation's is taken for it.

import type { Environment } from '../posix/process/caller.ts';
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
  /** For a program that takes over. What cannot go on there ends here. */
  handOver(): InheritedWatch | undefined;
}

/** What a worker that was started by the program before may still say something to. */
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
export interface Saying {
  ready(): void;
  /** The worker's own words on what it does. */
  status(text: string): void;
}

export interface WatchWorker {
  /** Before its spawn. */
  open(generation: number, saying: Saying): Watch;
  /** A worker that was started by the program before. */
  inherit(pid: number, inherited: InheritedWatch, saying: Saying): Watch;
}

const nothing: Watch = {
  variables: new Map(),
  begin: () => {},
  handOver: () => undefined,
  [Symbol.dispose]: () => {},
};

export const noWatch: WatchWorker = { open: () => nothing, inherit: () => nothing };
