import type { State } from './state.ts';

/** Whatever becomes of it, its deploy is over. */
export function forgetCanary(state: State): void {
  if (state.canary.name === 'checking') state.host.cancelJudgement();
  state.canary = { name: 'none' };
}
