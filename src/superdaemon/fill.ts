// An empty slot gets a worker: the attempt, after its check, and its failure.

import { attemptFailed, type Tried } from './attempt-failed.ts';
import { isEarlier, isPool } from './configuration.ts';
import type { Frozen } from './frozen.ts';
import { refuse } from './give-up.ts';
import type { Spawned } from './host.ts';
import { endWithoutStart } from './never-started.ts';
import { filledDeploy, isChecking, isCurrent, isRecycling, startingCount } from './observed.ts';
import { nextAttemptAt, type Opening, openings } from './openings.ts';
import { named } from './publish.ts';
import { renewOthers } from './renew-others.ts';
import { hasRoom } from './room.ts';
import { AT_ONCE, type Rule } from './rule.ts';
import { attemptAt, noteAttempt } from './spacing.ts';
import { NEVER, type State } from './state.ts';
import { isUpgradeDue } from './upgrade.ts';
import { type Phase, UNHEARD } from './worker.ts';

/** Each slot that is due, in order; an attempt may end the deploy that the others belong to. */
export const fill: Rule = {
  dueAt: (state) => {
    if (!mayTry(state)) return NEVER;
    return isChecking(state) ? AT_ONCE : nextAttemptAt(state, triable(state));
  },
  act: (state) => {
    const filled = filledDeploy(state);
    for (const opening of triable(state)) {
      if (!mayTry(state) || filledDeploy(state) !== filled) return;
      if (!hasRoom(state, opening)) continue;
      if (isAwaited(state, opening)) spawn(state, opening);
      else if (attemptAt(opening.pace, state.policy) <= state.host.now()) attempt(state, opening);
    }
    // Its room was taken while it was checked.
    if (state.check.name === 'passed' && mayTry(state)) state.check = { ...state.check, slot: undefined };
  },
};

function triable(state: State): readonly Opening[] {
  const all = openings(state);
  return isUpgradeDue(state) ? all.filter(({ pace }) => pace.failures === 0) : all;
}

/** How many may be starting counts whoever does, of either deploy. */
function mayTry(state: State): boolean {
  const { check, policy, ending } = state;
  return ending === undefined && check.name !== 'running' && startingCount(state) < policy.startAtOnce;
}

/** Its check has passed, so that its time had come before. */
function isAwaited(state: State, { deploy, slot }: Opening): boolean {
  return (
    isChecking(state) && deploy === state.candidate && 'slot' in state.check && state.check.slot === slot
  );
}

function attempt(state: State, opening: Opening): void {
  const { host } = state;
  const { deploy, slot, pace } = opening;
  const isFrozen = deploy.frozen !== undefined;
  deploy.frozen ??= host.freeze(deploy.ordinal);
  const { ordinal, frozen } = deploy;
  if (state.generation > state.inherited || frozen !== undefined)
    state.policy = host.policy({ ordinal, frozen });
  const generation = label(state, opening);
  if (frozen !== undefined && !isFrozen) logFrozen(state, generation, frozen);
  noteAttempt(pace, host.now());
  if (!needsCheck(state, opening)) return spawn(state, opening);
  state.check = { name: 'running', generation, slot };
  host.log({ event: 'checking', generation });
  const checking = host.check({ ordinal, generation, frozen });
  if (checking.kind === 'failed' && deploy === state.candidate) refuse(state, generation, checking.reason);
}

function logFrozen({ host }: State, generation: number, { directory, envdir }: Frozen): void {
  const where = directory === undefined ? {} : { directory };
  host.log({ event: 'frozen', generation, ...where, variables: envdir.size });
}

/** All of a pool's bear their deploy's, as does who takes the place of one that serves; otherwise each takes a new one. */
function label(state: State, { deploy }: Opening): number {
  if (deploy.generation === undefined || !(isPool(state, deploy) || isRecycling(state))) {
    state.generation += 1;
    deploy.generation = state.generation;
  }
  return deploy.generation;
}

function needsCheck({ policy, candidate, check }: State, { deploy }: Opening): boolean {
  if (!policy.hasCheck || deploy !== candidate) return false;
  return check.name !== 'passed' || check.generation !== deploy.generation;
}

export function takeChecked(state: State, generation: number, refusal: string | undefined): void {
  const { check } = state;
  if (check.name !== 'running' || check.generation !== generation) return;
  if (refusal === undefined) state.check = { ...check, name: 'passed' };
  else refuse(state, generation, refusal);
}

function spawn(state: State, opening: Opening): void {
  const { host, wanted, check } = state;
  const { deploy, slot, pace } = opening;
  const pool = isPool(state, deploy);
  const { ordinal, generation = state.generation, frozen } = deploy;
  // Without a pool the next attempt takes another label.
  if (check.name === 'passed' && isAwaited(state, opening)) {
    state.check = pool ? { ...check, slot: undefined } : { name: 'none' };
  }
  state.attempts += 1;
  const { attempts: attempt } = state;
  const place = pool ? { worker: slot, workers: wanted } : undefined;
  const spawned = host.spawn({ ordinal, generation, frozen, attempt, place });
  pace.lastAttemptAt = host.now();
  if (spawned.kind === 'failed') return spawnFailed(state, { ordinal, slot, generation }, spawned);
  const worker = {
    ordinal,
    slot,
    generation,
    attempt,
    pid: spawned.pid,
    phase: starting(state, pace),
    ...UNHEARD,
  };
  state.workers = [...state.workers, worker];
  const where = frozen?.directory === undefined ? {} : { directory: frozen.directory };
  const earlier = isEarlier(state, ordinal) ? { earlier: true as const } : {};
  host.log({ event: 'worker-starting', ...named(state, worker), ...where, ...earlier });
  if (spawned.rebound && isCurrent(state, worker)) renewOthers(state, worker);
}

function spawnFailed(state: State, tried: Tried, failure: Extract<Spawned, { kind: 'failed' }>): void {
  const { kind, ...why } = failure;
  if (state.attempts === 1) return void endWithoutStart(state, why.reason);
  const { generation, slot: worker } = tried;
  state.host.log({ event: 'spawn-failed', generation, ...(isPool(state, tried) && { worker }), ...why });
  attemptFailed(state, tried, why.reason);
}

function starting({ policy }: State, { lastAttemptAt }: Opening['pace']): Phase {
  const { intervalMs, readyTimeoutMs } = policy;
  return readyTimeoutMs === undefined
    ? { name: 'starting', until: lastAttemptAt + intervalMs, outcome: 'started' }
    : { name: 'starting', until: lastAttemptAt + readyTimeoutMs, outcome: 'late' };
}
