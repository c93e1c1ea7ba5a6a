// A client calls the deploy off that is under way: it is given up as after --max-start-attempts, and those that serve go on.

import { numberOf } from './deploy.ts';
import { endWithoutSuccess, keptBy, rolledSoFar } from './give-up.ts';
import { isChecking, isJudged, serves, workersOf } from './observed.ts';
import type { State } from './state.ts';
import { isStarting } from './worker.ts';

export function cancelDeploy(state: State, request: number): void {
  const { host } = state;
  host.log({ event: 'cancel-requested', request });
  const reason = obstacle(state);
  if (reason !== undefined) return host.log({ event: 'request-refused', request, reason });
  const attempts = failuresSoFar(state);
  if (state.check.name === 'running') host.cancelCheck();
  // Those who asked for one more after it are told of the same end.
  if (state.again) state.begun += 1;
  state.again = false;
  const kept = { keeps: keptBy(state), ...rolledSoFar(state) };
  endWithoutSuccess(state);
  host.log({
    event: 'given-up',
    deploy: numberOf(state.begun),
    attempts,
    reason: 'called off by a client',
    ...kept,
  });
}

function obstacle(state: State): string | undefined {
  const { candidate, again } = state;
  if (state.ending !== undefined) return endingReason(state);
  if (!again && (candidate === undefined || candidate.ordinal === 1)) return 'no deploy is under way';
  return serves(state) ? undefined : 'nobody serves who could go on';
}

/** With the one that is being tried. */
function failuresSoFar(state: State): number {
  const isTrying = isChecking(state) || isJudged(state) || workersOf(state, state.candidate).some(isStarting);
  return Math.max(...state.slots.map(({ failures }) => failures)) + (isTrying ? 1 : 0);
}

/** Why nothing comes of a request; undefined: we are not to end. */
export function endingReason({ ending }: State): string | undefined {
  if (ending === undefined) return undefined;
  return ending.kind === 'stopped' ? 'the superdaemon is stopping' : 'the first start has failed';
}
