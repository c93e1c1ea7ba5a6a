// How a deploy begins: asked for by HUP, by a client, or by time; and what becomes of the one before that was under way.

import { newDeploy } from './candidate.ts';
import { forgetCanary } from './forget-canary.ts';
import {
  abandonedWorkers,
  isStandingIn,
  isWhole,
  serves,
  servingWorkers,
  startingCount,
  workersOf,
} from './observed.ts';
import { isBusy } from './openings.ts';
import { retireWorkers } from './retire.ts';
import { type Rule, when } from './rule.ts';
import { carryOn, forgive } from './spacing.ts';
import { NEVER, type State } from './state.ts';
import { keepStarted } from './surge.ts';
import { dropTrial } from './upgrade.ts';
import { isStarted, isStarting } from './worker.ts';

/** Returns the number of the deploy that serves a request which comes now. */
export function request(state: State): number {
  if (isBusy(state)) {
    state.again = true;
    return numberOf(state.begun + 1);
  }
  beginAsAsked(state);
  return numberOf(state.begun);
}

/** Clients count from the first deploy after the start. */
export function numberOf(ordinal: number): number {
  return ordinal - 1;
}

/** For the requests that came while the candidate was busy. */
export const beginAgain: Rule = {
  dueAt: (state) => when(state.again && !isBusy(state) && !isStandingIn(state)),
  act: beginAsAsked,
};

function beginAsAsked(state: State): void {
  state.begun += 1;
  state.host.log({ event: 'hup', deploy: numberOf(state.begun) });
  begin(state);
}

/** An interval after the last attempt; two while others than those that serve still live. */
export const autoRestart: Rule = {
  isFor: ({ autoRestartIntervalMs }) => autoRestartIntervalMs !== undefined,
  atDeadline: true,
  dueAt: (state) => {
    const { autoRestartIntervalMs = NEVER } = state.policy;
    if (state.candidate !== undefined || startingCount(state) > 0 || !isWhole(state, state.current))
      return NEVER;
    const last = Math.max(...state.slots.map(({ lastAttemptAt }) => lastAttemptAt));
    return last + autoRestartIntervalMs * (othersLive(state) ? 2 : 1);
  },
  act: (state) => {
    const { autoRestartIntervalMs: intervalMs = NEVER } = state.policy;
    state.begun += 1;
    const deploy = numberOf(state.begun);
    state.host.log({ event: 'auto-restart', deploy, intervalMs, forced: othersLive(state) });
    begin(state);
  },
};

function othersLive(state: State): boolean {
  return state.workers.length > servingWorkers(state).length;
}

/** Whoever asks has mended something: what failed before counts no more. */
function begin(state: State): void {
  dropTrial(state);
  abandon(state);
  carryOn(state.behind, state.slots);
  forgive(state.slots);
  state.again = false;
  state.candidate = newDeploy(state.begun);
}

/** What has started of the candidate serves on where nobody else does; otherwise `withdraw` sees to it. */
export function abandon(state: State): void {
  const { candidate } = state;
  if (candidate === undefined) return;
  const workers = workersOf(state, candidate);
  keepStarted(state);
  state.candidate = undefined;
  state.rolling = [];
  carryOn(state.slots, state.behind);
  state.check = { name: 'none' };
  forgetCanary(state);
  if (serves(state) || !workers.some(isStarted)) return retireWorkers(state, workers.filter(isStarting));
  state.current = candidate;
  state.rolled = [];
}

/**
 * What has started of a deploy that failed carries the service until the gaps of current are filled. While another one is
 * brought up it need not, or each HUP on a broken release would leave more of them.
 */
export const withdraw: Rule = {
  amongSeveral: true,
  dueAt: (state) => {
    if (abandonedWorkers(state).length === 0 || !serves(state)) return NEVER;
    return when(state.candidate !== undefined || isWhole(state, state.current));
  },
  act: (state) => retireWorkers(state, abandonedWorkers(state)),
};
