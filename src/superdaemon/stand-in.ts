import { isStandingIn, nextAttemptAt, workersOf } from './observed.ts';
import { AT_ONCE, type Rule } from './rule.ts';
import { NEVER, type State } from './state.ts';

/**
 * Nobody serves, and the candidate would have to wait for its check: a worker of current stands in, unchecked, as soon as
 * an attempt is due, and the deploy is made up for once it serves.
 */
export const standIn: Rule = {
  dueAt: (state) => {
    const { candidate, check } = state;
    if (candidate === undefined || !isStandingIn(state)) return NEVER;
    if (check.name === 'passed' && check.generation === candidate.generation) return NEVER;
    if (workersOf(state, candidate).length > 0) return NEVER;
    return check.name === 'running' ? AT_ONCE : nextAttemptAt(state);
  },
  act: (state) => {
    if (state.check.name === 'running') cancelCheck(state);
    if (nextAttemptAt(state) > state.host.now()) return;
    state.candidate = undefined;
    state.again = true;
  },
};

/** It may still speak, so that its label is used up. */
function cancelCheck(state: State): void {
  state.host.cancelCheck();
  state.check = { name: 'none' };
  if (state.candidate !== undefined) state.candidate.generation = undefined;
}
