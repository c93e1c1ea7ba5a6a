// A deploy: asked for by HUP, by a client, or by time; and its end when it fails. Its success is in start.ts.

import { wantWorker } from './spacing.ts';
import { currentWorker, endWith, NEVER, type State, startingWorker } from './state.ts';
import { isOld } from './worker.ts';

/**
 * A worker that is being tried or checked was prepared before this request and may be of the release before: one more
 * deploy then. Returns the number of the one that serves the request.
 */
export function deploy(state: State): number {
  if (startingWorker(state) !== undefined || state.attempt.name === 'checking') {
    state.deployAgain = true;
    return state.deploy + 1;
  }
  begin(state);
  state.host.log({ event: 'hup', deploy: state.deploy });
  return state.deploy;
}

/** For the requests that came while a worker was being tried. */
export function deployOnceMore(state: State): void {
  if (!state.deployAgain || isStandingIn(state)) return;
  state.deployAgain = false;
  deploy(state);
}

function isStandingIn(state: State): boolean {
  return state.policy.hasCheck && state.hasEverStarted && currentWorker(state) === undefined;
}

export function autoRestart(state: State): void {
  const intervalMs = state.policy.autoRestartIntervalMs ?? NEVER;
  begin(state);
  state.host.log({
    event: 'auto-restart',
    deploy: state.deploy,
    intervalMs,
    forced: state.workers.some(isOld),
  });
}

function begin(state: State): void {
  state.deploy += 1;
  state.deploying = true;
  // Whoever asks has mended something: what failed before counts no more.
  state.failures = 0;
  wantWorker(state);
}

/** The check speaks against the release: nothing has been spawned, nothing changes. */
export function refuse(state: State, refusal: string): void {
  const { generation, host } = state;
  state.attempt = { name: 'none' };
  const keeps = currentWorker(state)?.generation;
  if (keeps === undefined) endWith(state, { kind: 'never-started', reason: refusal });
  else {
    host.log({ event: 'check-refused', deploy: state.deploy, generation, reason: refusal, keeps });
    endWithoutSuccess(state);
  }
}

/** Whether enough attempts have failed, provided that somebody serves or that nobody ever did. */
export function isHopeless(state: State): boolean {
  const { maxStartAttempts } = state.policy;
  if (maxStartAttempts === 0 || state.failures < maxStartAttempts) return false;
  return currentWorker(state) !== undefined || !state.hasEverStarted;
}

export function giveUp(state: State, reason: string): void {
  const { failures: attempts, host } = state;
  const keeps = currentWorker(state)?.generation;
  if (keeps === undefined) {
    endWith(state, { kind: 'never-started', reason: `giving up after ${attempts} attempts: ${reason}` });
  } else {
    host.log({ event: 'given-up', deploy: state.deploy, attempts, keeps, reason });
    endWithoutSuccess(state);
  }
}

function endWithoutSuccess(state: State): void {
  state.failures = 0;
  state.deploying = false;
  deployOnceMore(state);
}
