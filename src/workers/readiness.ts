// How a worker is found to be ready. A generation's watch stands from before its spawn until its death, so that no
// message is missed and none of another generation's is taken for it.

import type { Environment } from '../posix/caller.ts';

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
  begin(pid: number, environment: Environment): void;
}

/** What a watch hears. */
export interface Saying {
  ready(): void;
  /** The worker's own words on what it does. */
  status(text: string): void;
}

export type OpenWatch = (generation: number, saying: Saying) => Watch;

export const noWatch: OpenWatch = () => ({
  variables: new Map(),
  begin: () => {},
  [Symbol.dispose]: () => {},
});
