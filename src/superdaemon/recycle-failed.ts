import { twinOf } from './observed.ts';
import { named } from './publish.ts';
import type { State } from './state.ts';
import { isStarted, type Worker } from './worker.ts';

const FIRST_MS = 10_000;
const LONGEST_MS = 600_000;

/** Whether it was to take the place of a worker that serves: that one stays, and is tried again, later each time. */
export function recycleFailed(
  state: State,
  tried: Pick<Worker, 'ordinal' | 'slot'> & { readonly attempt?: number },
  reason: string,
): boolean {
  const stays = twinOf(state, tried);
  if (stays === undefined || !stays.recycling.isUnderWay || !isStarted(stays)) return false;
  const { host } = state;
  const { recycling } = stays;
  const inMs = Math.min(FIRST_MS * 2 ** recycling.failures, LONGEST_MS);
  const failures = recycling.failures + 1;
  stays.recycling = { ...recycling, isUnderWay: false, failures, notBefore: host.now() + inMs };
  host.log({ event: 'recycle-failed', ...named(state, stays), reason, inMs });
  return true;
}
