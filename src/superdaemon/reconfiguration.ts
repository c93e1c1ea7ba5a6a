// Another command line takes the place of ours, with another program: what that means for the table.

import { isPoolNow } from './configuration.ts';
import type { Host } from './host.ts';
import type { Table } from './state.ts';

/** What it says is the host's business. */
export interface Reconfiguration {
  readonly request: number;
  readonly words: readonly string[];
  /** Where it was typed. */
  readonly directory: string;
}

/** The table for a command line that no deploy has gone by yet. Scaling lasts, unless the number of workers is what changes. */
export function reconfigured(table: Table, host: Pick<Host, 'policy'>): Table {
  if ((table.configurations.at(-1)?.since ?? 0) <= table.begun) return table;
  const policy = host.policy();
  const { workers = 1 } = policy;
  const isResized = isPoolNow(table) && policy.workers !== table.policy.workers;
  return { ...table, policy, target: isResized ? workers : table.target };
}
