// How a deploy ends without success.

import { isPool } from './configuration.ts';
import { abandon, numberOf } from './deploy.ts';
import type { RolledSoFar } from './log-event.ts';
import { attempts } from './log-words.ts';
import { endWithoutStart, servingSurvivors } from './never-started.ts';
import { serves, servingWorkers } from './observed.ts';
import { failedOpenings, type Opening } from './openings.ts';
import { retireWorkers } from './retire.ts';
import { type Rule, when } from './rule.ts';
import { forget } from './spacing.ts';
import type { State } from './state.ts';
import { isDraining, type Worker } from './worker.ts';

/** A slot has failed as often as it may, provided that somebody serves or that nobody ever did. */
export const giveUp: Rule = {
  isFor: ({ maxStartAttempts }) => maxStartAttempts > 0,
  dueAt: (state) => {
    const { again, check, current } = state;
    if (again || check.name === 'running') return when(false);
    return when((current === undefined || serves(state)) && hopelessOpening(state) !== undefined);
  },
  act: (state) => {
    const opening = hopelessOpening(state);
    if (opening === undefined) return;
    const { pace, slot, deploy } = opening;
    const { failures, reason } = pace;
    const failure = { attempts: failures, reason, ...(isPool(state, deploy) && { worker: slot }) };
    if (state.current === undefined) return giveUpFirst(state, failure);
    const kept = { keeps: keptBy(state), ...rolledSoFar(state) };
    state.host.log({ event: 'given-up', deploy: numberOf(deploy.ordinal), ...failure, ...kept });
    endWithoutSuccess(state);
  },
};

function hopelessOpening(state: State): Opening | undefined {
  const { maxStartAttempts } = state.policy;
  return failedOpenings(state).find(({ pace }) => pace.failures >= maxStartAttempts);
}

interface Failure {
  readonly attempts: number;
  readonly reason: string;
  readonly worker?: number;
}

/** Those who outlived another superdaemon are left alone. */
function giveUpFirst(state: State, failure: Failure): void {
  endWithoutStart(state, `giving up after ${attempts(failure)}: ${failure.reason}`);
  if (failure.worker !== undefined) state.host.log({ event: 'start-given-up', ...failure });
  retireWorkers(state, ownWorkers(state));
}

function ownWorkers({ workers }: State): readonly Worker[] {
  return workers.filter((each) => each.ordinal > 0 && !isDraining(each));
}

/** Nobody waits for the first start any more. Returns whether it is given up, so that those who serve are left alone. */
export function givesUpForsaken(state: State): boolean {
  const { current, ending } = state;
  if (current !== undefined || ending !== undefined || servingSurvivors(state).length === 0) return false;
  const { reason } = endWithoutStart(state, 'given up by who started it');
  state.host.log({ event: 'warning', message: reason });
  retireWorkers(state, ownWorkers(state));
  return true;
}

/** The check speaks against the release: nothing has been spawned, nothing changes. */
export function refuse(state: State, generation: number, reason: string): void {
  const { candidate, current, host } = state;
  if (candidate === undefined) return;
  if (current === undefined) return void endWithoutStart(state, reason);
  const deploy = numberOf(candidate.ordinal);
  host.log({ event: 'check-refused', deploy, generation, reason, keeps: keptBy(state) });
  endWithoutSuccess(state);
}

/** The generation that serves on. */
export function keptBy(state: State): number {
  const { rolled, current, generation } = state;
  const serving = servingWorkers(state).find(({ slot }) => rolled.every((each) => each.slot !== slot));
  return (serving ?? servingWorkers(state)[0])?.generation ?? current?.generation ?? generation;
}

/** What cannot be undone of a deploy that ends: the slots that are of its generation. */
export function rolledSoFar({ candidate, rolled, wanted }: State): { readonly rolled?: RolledSoFar } {
  const slots = rolled.filter(({ slot, deploy }) => slot < wanted && deploy.ordinal === candidate?.ordinal);
  if (slots.length === 0 || candidate?.generation === undefined) return {};
  return { rolled: { workers: slots.length, of: wanted, generation: candidate.generation } };
}

export function endWithoutSuccess(state: State): void {
  abandon(state);
  forget(state.slots);
}
