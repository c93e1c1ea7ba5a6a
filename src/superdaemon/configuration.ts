// A command line, as far as the table is concerned. Each deploy goes by the one of its time.

import type { Deploy } from './candidate.ts';
import type { Table } from './state.ts';

export interface Configuration {
  /** Its first deploy. */
  readonly since: number;
  /** It has --workers: all workers of a deploy bear its label, and each the number of its slot. Otherwise there is one. */
  readonly isPool: boolean;
}

type Configured = Pick<Table, 'configurations'>;

/** Of that deploy; who survived another superdaemon belongs to the first one. */
export function isPool({ configurations }: Configured, { ordinal }: Pick<Deploy, 'ordinal'>): boolean {
  const [first] = configurations;
  return (configurations.findLast(({ since }) => since <= ordinal) ?? first)?.isPool === true;
}

/** The slots that a deploy is to fill. */
export function sizeOf(state: Configured & Pick<Table, 'wanted'>, deploy: Pick<Deploy, 'ordinal'>): number {
  return isPool(state, deploy) ? state.wanted : 1;
}

/** A deploy of a command line before ours. */
export function isEarlier({ configurations }: Configured, ordinal: number): boolean {
  return ordinal < (configurations.at(-1)?.since ?? 0);
}

/** Ours has --workers. */
export function isPoolNow({ configurations }: Configured): boolean {
  return configurations.at(-1)?.isPool === true;
}
