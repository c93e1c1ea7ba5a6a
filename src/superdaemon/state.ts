// The superdaemon's table: what is observed and what is wanted. Nothing in it tells how it came about.

import { type Canary, type Check, type Deploy, newDeploy, type Rolled, type Rolling } from './candidate.ts';
import type { Configuration } from './configuration.ts';
import type { GuardedHost } from './guarded-host.ts';
import type { LiveGeneration, Policy } from './host.ts';
import { reconfigured } from './reconfiguration.ts';
import { freshSlot, type Slot } from './spacing.ts';
import type { Upgrade } from './upgrade.ts';
import { survivor, type Worker } from './worker.ts';

export type Outcome =
  | { readonly kind: 'stopped' }
  /** No worker has ever started, and none is going to. */
  | { readonly kind: 'never-started'; readonly reason: string }
  /** A new program is to go on with this table; should it not come to that, this one is. */
  | { readonly kind: 'upgrade'; readonly table: Table };

export const NEVER = Number.POSITIVE_INFINITY;

/** The old workers that a deploy left behind are to be told to go. */
export interface Retirement {
  readonly at: number;
  /** Those of earlier deploys than this one. */
  readonly before: number;
}

/** What was there before: the table of the predecessor, or what a superdaemon that was killed has left. */
export interface Before {
  readonly table?: Table | undefined;
  readonly survivors?: Survivors | undefined;
}

/** What a superdaemon that was killed has left behind. */
export interface Survivors {
  /** The last generation number that it gave out, as far as is known. */
  readonly generation: number;
  /** Ascending by generation. They serve on, and are old. */
  readonly workers: readonly LiveGeneration[];
}

export const NO_SURVIVORS: Survivors = { generation: 0, workers: [] };
/** What the predecessor hands to its successor. */
export interface Table {
  policy: Policy;
  /** Every live worker, in the order of their spawns. */
  workers: readonly Worker[];
  /** The last generation number given out; failed attempts use one up too. */
  generation: number;
  /** Those up to this number are another superdaemon's; 0: there was none. */
  readonly inherited: number;
  /** All spawns, failed ones too. */
  attempts: number;
  /** The ordinal of the last deploy that was begun. */
  begun: number;
  /** Of programs that might take over. */
  trials: number;
  /** It serves, or did last; undefined: nobody has ever started. */
  current: Deploy | undefined;
  /** What a roll has brought on, which may have stopped half-way. */
  rolled: readonly Rolled[];
  /** … and is bringing on. */
  rolling: readonly Rolling[];
  /** It is being brought up. */
  candidate: Deploy | undefined;
  /** Somebody asked for one more deploy while the candidate was busy. */
  again: boolean;
  check: Check;
  canary: Canary;
  /** The slots that count. */
  wanted: number;
  /** What scaling has asked for. */
  target: number;
  /** What our command line asks for instead, with its first deploy that succeeds; undefined: nothing that is not in force. */
  pendingSize: number | undefined;
  /** The pace of each place, across deploys; never shortened. */
  slots: readonly Slot[];
  /** The same for those of current that are filled behind a candidate. */
  behind: readonly Slot[];
  /** When their memory was last looked at. */
  weighedAt: number;
  /** That all workers of a pool have started has been said. */
  announced: boolean;
  /** The command lines that somebody still goes by, ascending; the last one is ours. */
  configurations: readonly Configuration[];
  /** Each deploy's old ones keep their own time. None stands once a worker of current has died, until it is whole again. */
  retirements: readonly Retirement[];
}

export interface State extends Table {
  readonly host: GuardedHost;
  /** We are to end so once the last worker has gone. */
  ending: Outcome | undefined;
  upgrade: Upgrade;
}

export function beginning(host: GuardedHost, { table, survivors = NO_SURVIVORS }: Before): State {
  const begins = table ? reconfigured(table, host) : initialTable(host, survivors);
  return { ...begins, host, ending: undefined, upgrade: { name: 'none' } };
}

export function tableOf({ host, ending, upgrade, ...table }: State): Table {
  return table;
}

function initialTable(host: GuardedHost, survivors: Survivors): Table {
  const policy = host.policy();
  const wanted = policy.workers ?? 1;
  return {
    policy,
    workers: survivors.workers.map(survivor),
    generation: survivors.generation,
    inherited: survivors.generation,
    attempts: 0,
    begun: 1,
    trials: 0,
    current: undefined,
    rolled: [],
    rolling: [],
    candidate: newDeploy(1),
    again: false,
    check: { name: 'none' },
    canary: { name: 'none' },
    ...{ wanted, target: wanted, pendingSize: undefined },
    slots: Array.from({ length: wanted }, freshSlot),
    behind: Array.from({ length: wanted }, freshSlot),
    weighedAt: host.now(),
    announced: false,
    configurations: [{ since: 1, isPool: policy.workers !== undefined }],
    retirements: [],
  };
}

/** How it has ended; undefined: it goes on. Who has started nobody leaves those who survived the last superdaemon alone. */
export function outcomeOf({ ending, workers }: State): Outcome | undefined {
  const waitsFor = ending?.kind === 'stopped' ? workers : workers.filter(({ ordinal }) => ordinal > 0);
  return waitsFor.length === 0 ? ending : undefined;
}

/** From here on nobody is started any more. */
export function endWith(state: State, outcome: Outcome): void {
  state.ending = outcome;
  state.candidate = undefined;
  state.check = { name: 'none' };
  state.canary = { name: 'none' };
  state.retirements = [];
  state.rolling = [];
  state.again = false;
}
