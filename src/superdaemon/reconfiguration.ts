// Another command line takes the place of ours, with another program: what that means for the table.

import type { Host } from './host.ts';
import type { Table } from './state.ts';

/** What it says is the host's business. */
export interface Reconfiguration {
  readonly request: number;
  readonly words: readonly string[];
  /** Where it was typed. */
  readonly directory: string;
}

/**
 * The table for a command line that no deploy has gone by yet. Scaling lasts, unless the number of workers is what changes, and
 * that waits for a deploy to succeed: what fails must not take workers from the pool that serves on.
 */
export function reconfigured(table: Table, host: Pick<Host, 'policy'>): Table {
  if ((table.configurations.at(-1)?.since ?? 0) <= table.begun) return table;
  const policy = host.policy();
  const isResized = policy.workers !== table.policy.workers;
  return { ...table, policy, pendingSize: isResized ? policy.workers : table.pendingSize };
}
