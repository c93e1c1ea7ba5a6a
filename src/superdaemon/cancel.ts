// A client calls the deploy off that is under way: it is given up as after --max-start-attempts, and those that serve go on.

import { giveUp } from './deploy.ts';
import { drain } from './retire.ts';
import { LATE_GRACE_MS } from './start.ts';
import { currentWorker, type State, startingWorker } from './state.ts';

export function cancelDeploy(state: State, request: number): void {
  const { host } = state;
  host.log({ event: 'cancel-requested', request });
  const reason = obstacle(state);
  if (reason !== undefined) return host.log({ event: 'request-refused', request, reason });
  endAttempt(state);
  // Those who asked for one more after it hear of the same end.
  if (state.deployAgain) state.deploy += 1;
  state.deployAgain = false;
  giveUp(state, 'called off by a client');
}

function obstacle(state: State): string | undefined {
  if (state.ending !== undefined) return STOPPING;
  if (!state.deploying && !state.deployAgain) return 'no deploy is under way';
  return currentWorker(state) === undefined ? 'nobody serves who could go on' : undefined;
}

export const STOPPING = 'the superdaemon is stopping';

function endAttempt(state: State): void {
  const { host, policy } = state;
  const starting = startingWorker(state);
  if (state.attempt.name === 'checking') host.cancelCheck();
  if (state.attempt.name === 'checking' || starting !== undefined) state.failures += 1;
  state.attempt = { name: 'none' };
  const timeoutMs = policy.killOldTimeoutMs || LATE_GRACE_MS;
  if (starting !== undefined) drain(state, starting, { signal: policy.signalOnTerm, timeoutMs });
}
