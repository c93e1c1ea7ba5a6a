import { isStandingIn, workersOf } from './observed.ts';
import { type Rule, when } from './rule.ts';

/**
 * Nobody serves, and the candidate would have to wait for its check: a worker of current stands in, unchecked, and the
 * deploy is made up for once it serves.
 */
export const standIn: Rule = {
  isFor: ({ hasCheck }) => hasCheck,
  dueAt: (state) => {
    const { candidate, check } = state;
    if (candidate === undefined || !isStandingIn(state)) return when(false);
    const hasPassed = check.name === 'passed' && check.generation === candidate.generation;
    return when(!hasPassed && workersOf(state, candidate).length === 0);
  },
  act: (state) => {
    // It may still speak; its label is used up.
    if (state.check.name === 'running') state.host.cancelCheck();
    state.check = { name: 'none' };
    state.canary = { name: 'none' };
    state.candidate = undefined;
    state.again = true;
  },
};
