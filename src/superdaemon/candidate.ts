// A deploy, and what is known of the one that is being brought up.

import type { Frozen } from './frozen.ts';

export interface Deploy {
  /** 1 for the first start; clients know each by one less. 0: another superdaemon's. */
  readonly ordinal: number;
  /** Its label; undefined until its first attempt. Without a pool each attempt takes a new one. */
  generation: number | undefined;
  /** Looked up with its first attempt, where that is asked for. */
  frozen: Frozen | undefined;
}

export function newDeploy(ordinal: number): Deploy {
  return { ordinal, generation: undefined, frozen: undefined };
}

/** Of the candidate's first worker, which serves beside all old ones before anything else happens. */
export type Canary =
  /** Not yet, or nobody is to be judged. */
  | { readonly name: 'none' }
  /** It has to live until then. */
  | { readonly name: 'watched'; readonly attempt: number; readonly until: number }
  /** It has lived; its check runs. */
  | { readonly name: 'checking'; readonly attempt: number }
  | { readonly name: 'passed' };

/** Of the candidate. It speaks of a label: who bears one that has passed needs no other. */
export type Check =
  | { readonly name: 'none' }
  | { readonly name: 'running'; readonly generation: number; readonly slot: number }
  /** `slot`: whose attempt still waits to be spawned. */
  | { readonly name: 'passed'; readonly generation: number; readonly slot: number | undefined };

/** The candidate's worker in this slot has started: the slot is the candidate's then. */
export interface Rolling {
  readonly at: number;
  readonly slot: number;
  readonly ordinal: number;
}

/** A slot that serves by a later deploy than the others of current. */
export interface Rolled {
  readonly slot: number;
  readonly deploy: Deploy;
}
