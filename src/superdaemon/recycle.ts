// Recycling: a worker that is too old, too large, or asks for it is replaced by one of the same release. Its successor has
// started before it is told to go; one slot at a time in the whole pool, and never during a deploy.

import { isCurrent, isWhole, startingCount, twinOf } from './observed.ts';
import { named } from './publish.ts';
import type { RecycleReason } from './recycling.ts';
import { retireWorkers } from './retire.ts';
import { hasRoom } from './room.ts';
import { earliest, type Rule } from './rule.ts';
import { NEVER, type State } from './state.ts';
import { isDraining, isStarted, type Worker } from './worker.ts';

const SAMPLE_SPACING_MS = 10_000;
/** One sample alone may be a passing need. */
const SAMPLES = 2;
/** Of a pool that has started together: so much earlier do those in the last slots go. */
const SPREAD = 0.1;

export function takeReplace(state: State, attempt: number): void {
  const worker = state.workers.find((each) => each.attempt === attempt);
  if (worker !== undefined) worker.recycling = { ...worker.recycling, reason: 'asked' };
}

/** Looks how large they are, where that is asked for. */
export const weigh: Rule = {
  isFor: ({ maxMemoryBytes }) => maxMemoryBytes !== undefined,
  atDeadline: true,
  dueAt: ({ workers, weighedAt }) => (workers.some(isStarted) ? weighedAt + SAMPLE_SPACING_MS : NEVER),
  act: (state) => {
    const { maxMemoryBytes = NEVER } = state.policy;
    state.weighedAt = state.host.now();
    for (const worker of state.workers.filter(isStarted)) {
      const bytes = state.host.memoryOf(worker.pid) ?? 0;
      const tooLarge = bytes > maxMemoryBytes ? worker.recycling.tooLarge + 1 : 0;
      const reason = worker.recycling.reason ?? (tooLarge >= SAMPLES ? 'memory' : undefined);
      worker.recycling = { ...worker.recycling, bytes, tooLarge, reason };
    }
  },
};

/** Its slot is open from now on, and `fill` sees to it. */
export const recycle: Rule = {
  atDeadline: true,
  dueAt: (state) =>
    mayRecycle(state) ? earliest(state.workers, (worker) => recycleAt(state, worker)) : NEVER,
  act: (state) => {
    const at = earliest(state.workers, (worker) => recycleAt(state, worker));
    const worker = state.workers.find((each) => recycleAt(state, each) === at);
    if (worker === undefined) return;
    const { startedAt = state.host.now(), recycling } = worker;
    const reason: RecycleReason = recycling.reason ?? 'age';
    worker.recycling = { ...recycling, reason, isUnderWay: true };
    state.host.log({
      event: 'recycling',
      ...named(state, worker),
      reason,
      ageMs: Math.round(state.host.now() - startedAt),
      ...(reason === 'memory' && { memoryBytes: recycling.bytes }),
    });
  },
};

/** No deploy is under way, its old workers have been told to go, and the one that was recycled last has gone. */
function mayRecycle(state: State): boolean {
  const { candidate, again, current, wanted, target, retirements, workers } = state;
  if (candidate !== undefined || again || target !== wanted || retirements.length > 0) return false;
  const isTurning = (worker: Worker) =>
    isCurrent(state, worker) && (worker.recycling.isUnderWay || isDraining(worker));
  return startingCount(state) === 0 && isWhole(state, current) && !workers.some(isTurning);
}

function recycleAt(state: State, worker: Worker): number {
  const { policy, wanted } = state;
  const { slot, startedAt, recycling } = worker;
  if (slot >= wanted || !isStarted(worker) || !isCurrent(state, worker) || !hasRoom(state, worker))
    return NEVER;
  if (recycling.reason !== undefined) return recycling.notBefore;
  if (policy.maxAgeMs === undefined || startedAt === undefined) return NEVER;
  return startedAt + Math.ceil(policy.maxAgeMs * (1 - (SPREAD * slot) / wanted));
}

/** Its successor has started, and it has the kill-old delay from then. */
export const relieve: Rule = {
  atDeadline: true,
  dueAt: (state) => earliest(state.workers, (worker) => relievedAt(state, worker)),
  act: (state) => {
    const now = state.host.now();
    const signal = state.policy.signalOnHup;
    for (const worker of state.workers.filter((each) => relievedAt(state, each) <= now)) {
      const successor = twinOf(state, worker)?.pid ?? 0;
      state.host.log({ event: 'recycled', ...named(state, worker), successor, signal });
      retireWorkers(state, [worker]);
    }
  },
};

function relievedAt(state: State, worker: Worker): number {
  if (!worker.recycling.isUnderWay || !isStarted(worker)) return NEVER;
  const successor = twinOf(state, worker);
  if (successor === undefined || !isStarted(successor)) return NEVER;
  return (successor.startedAt ?? 0) + state.policy.killOldDelayMs;
}
