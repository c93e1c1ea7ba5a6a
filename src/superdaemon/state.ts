// The superdaemon's table: the live workers and the deadlines that no single worker owns.

import type { Host, LiveGeneration, Policy } from './host.ts';
import type { Upgrade } from './upgrade.ts';
import { isStarted, type Worker } from './worker.ts';

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
  /** Those of earlier generations than this one. */
  readonly before: number;
}

/** The next generation, until its worker is spawned. */
export type Attempt =
  | { readonly name: 'none' }
  /** `isRetry`: it makes up for a worker that died. */
  | { readonly name: 'due'; readonly at: number; readonly isRetry: boolean }
  | { readonly name: 'checking'; readonly generation: number };

/** What was there before: the table of the program that gives way to this one, or what a superdaemon that was killed has left. */
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

/** What one program hands over to the next. */
export interface Table {
  policy: Policy;
  /** Every live worker, ascending by generation. */
  workers: readonly Worker[];
  /** The last generation number given out; failed attempts use one up too. */
  generation: number;
  /** Those up to this number are another superdaemon's; 0: there was none. */
  readonly inherited: number;
  attempt: Attempt;
  lastAttemptAt: number;
  /** The last attempt that made up for a worker that died. */
  lastRetryAt: number;
  /** Attempts that failed since a worker last started, or since somebody last asked for one. */
  failures: number;
  hasEverStarted: boolean;
  /** Ascending by time. None stands while there is no current worker: the old ones serve on until one has started. */
  retirements: readonly Retirement[];
  /** The number of the last deploy that was begun; clients learn by it which one is theirs. */
  deploy: number;
  /** The start that is wanted or under way was asked for, so its success is reported as a deploy. */
  deploying: boolean;
  /** HUP came while a worker was being tried: one more deploy afterwards. */
  deployAgain: boolean;
}

export interface State extends Table {
  readonly host: Host;
  /** We are to end so once the last worker has gone. */
  ending: Outcome | undefined;
  upgrade: Upgrade;
}

export function beginning(host: Host, { table, survivors = NO_SURVIVORS }: Before): State {
  return { ...(table ?? initialTable(host, survivors)), host, ending: undefined, upgrade: 'none' };
}

export function tableOf({ host, ending, upgrade, ...table }: State): Table {
  return table;
}

function initialTable(host: Host, survivors: Survivors): Table {
  return {
    policy: host.policy(),
    workers: survivors.workers.map((each) => ({ ...each, phase: { name: 'old' } })),
    generation: survivors.generation,
    inherited: survivors.generation,
    attempt: { name: 'due', at: host.now(), isRetry: false },
    lastAttemptAt: -NEVER,
    lastRetryAt: -NEVER,
    failures: 0,
    hasEverStarted: false,
    retirements: [],
    deploy: 0,
    deploying: false,
    deployAgain: false,
  };
}

/** How it has ended; undefined: it goes on. Who has started nobody leaves those who survived the last superdaemon alone. */
export function outcomeOf({ ending, workers, inherited }: State): Outcome | undefined {
  const waitsFor =
    ending?.kind === 'stopped' ? workers : workers.filter((each) => each.generation > inherited);
  return waitsFor.length === 0 ? ending : undefined;
}

/** From here on nobody is started any more. */
export function endWith(state: State, outcome: Outcome): void {
  state.ending = outcome;
  state.attempt = { name: 'none' };
  state.retirements = [];
  state.deployAgain = false;
}

export function startingWorker(state: State): Worker | undefined {
  return state.workers.find(({ phase }) => phase.name === 'starting');
}

export function currentWorker(state: State): Worker | undefined {
  return state.workers.find(({ phase }) => phase.name === 'current');
}

export function publish(state: State): void {
  const started = state.workers.filter(isStarted);
  state.host.publish(started.map(({ generation, pid }) => ({ generation, pid })));
}
