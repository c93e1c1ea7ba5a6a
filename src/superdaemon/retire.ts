// How workers go: told once, and killed when they take longer than they may.

import { forgetCanary } from './forget-canary.ts';
import type { Signal } from './host.ts';
import { isMissing, oldWorkers } from './observed.ts';
import { named } from './publish.ts';
import { send } from './resend.ts';
import { earliest, type Rule, when } from './rule.ts';
import { endWith, NEVER, type State } from './state.ts';
import { forgetUpgrade } from './upgrade.ts';
import { type Draining, draining, isStarted, killAtOf, type Worker } from './worker.ts';

/** A worker that never became ready gets this long to go, where no --kill-old-timeout says otherwise. */
const LATE_GRACE_MS = 10_000;

/** Old workers have had their delay. One whose slot scaling has left without its successor stays, for `reschedule`. */
export const retire: Rule = {
  atDeadline: true,
  dueAt: ({ retirements }) => retirements[0]?.at ?? NEVER,
  act: (state) => {
    const now = state.host.now();
    const due = state.retirements.filter(({ at }) => at <= now);
    state.retirements = state.retirements.filter(({ at }) => at > now);
    for (const { before } of due) {
      state.host.log({ event: 'retiring' });
      const theirs = oldWorkers(state).filter(
        ({ ordinal, slot }) => ordinal < before && !isMissing(state, slot),
      );
      retireWorkers(state, theirs);
    }
  },
};

/** Those who have not gone in time after their signal. */
export const kill: Rule = {
  atDeadline: true,
  dueAt: ({ workers }) => earliest(workers, killAtOf),
  act: (state) => {
    for (const worker of state.workers) {
      if (killAtOf(worker) > state.host.now()) continue;
      state.host.log({ event: 'worker-killed', ...named(state, worker) });
      killWorker(state, worker);
    }
  },
};

/** Of those in each slot that were told to go, all but the newest few, where there is a limit. */
export const capOld: Rule = {
  isFor: ({ maxOld }) => maxOld !== undefined,
  atDeadline: true,
  dueAt: (state) => when(tooManyOld(state).length > 0),
  act: (state) => {
    const { maxOld } = state.policy;
    for (const worker of tooManyOld(state)) {
      state.host.log({
        event: 'worker-killed',
        ...named(state, worker),
        ...(maxOld !== undefined && { maxOld }),
      });
      killWorker(state, worker);
    }
  },
};

function tooManyOld({ workers, policy: { maxOld } }: State): readonly Worker[] {
  if (maxOld === undefined) return [];
  const counts = new Map<number, number>();
  const newestFirst = workers.filter(isGoing).toReversed();
  const isOneTooMany = ({ slot }: Worker) => {
    const count = (counts.get(slot) ?? 0) + 1;
    counts.set(slot, count);
    return count > maxOld;
  };
  return newestFirst.filter(isOneTooMany).toReversed();
}

function isGoing({ phase }: Worker): boolean {
  return phase.name === 'draining' && phase.started && !phase.killed;
}

function killWorker(state: State, worker: Worker): void {
  worker.phase = { ...draining(worker, { signal: 'SIGKILL', killAt: NEVER }), killAt: NEVER, killed: true };
  send(state, worker, 'SIGKILL');
}

/** Those that serve have connections to finish; the others have never been ready. */
export function retireWorkers(state: State, workers: readonly Worker[]): void {
  for (const worker of workers) drain(state, worker, farewellOf(state, worker));
}

function farewellOf({ policy }: State, worker: Worker): Farewell {
  const { signalOnHup, signalOnTerm, killOldTimeoutMs } = policy;
  if (isStarted(worker)) return { signal: signalOnHup, timeoutMs: killOldTimeoutMs };
  return { signal: signalOnTerm, timeoutMs: killOldTimeoutMs || LATE_GRACE_MS };
}

/** What a worker has left that nobody had told to go is told as that would have been, by `resend`. */
export function drainTree(state: State, worker: Worker): Draining {
  if (worker.phase.name === 'draining') return worker.phase;
  const { signal, timeoutMs } = farewellOf(state, worker);
  return draining(worker, { signal, killAt: deadline(state, timeoutMs) });
}

/** Everybody is told to go; once they have, we end. */
export function stop(state: State, received: Signal, signal: Signal): void {
  const pids = state.workers.map(({ pid }) => pid);
  if (state.check.name === 'running') state.host.cancelCheck();
  forgetCanary(state);
  forgetUpgrade(state);
  endWith(state, { kind: 'stopped' });
  state.host.log({ event: 'stopping', received, signal, pids });
  const timeoutMs = state.policy.stopTimeoutMs;
  for (const worker of state.workers) drain(state, worker, { signal, timeoutMs });
}

export interface Farewell {
  readonly signal: Signal;
  /** Until SIGKILL; 0: never. */
  readonly timeoutMs: number;
}

export function drain(state: State, worker: Worker, { signal, timeoutMs }: Farewell): void {
  worker.phase = draining(worker, { signal, killAt: deadline(state, timeoutMs) });
  send(state, worker, signal);
  state.host.log({ event: 'worker-signalled', ...named(state, worker), signal });
}

function deadline({ host }: State, timeoutMs: number): number {
  return timeoutMs === 0 ? NEVER : host.now() + timeoutMs;
}
