// USR2: the program on the disk now is to replace this one, and takes the table over as it stands. A deploy
// that is in flight is finished first; then the new program has to prove that it can. The proof counts for the very next
// step only: what lies on the disk after a deploy, nobody has tried.

import { filledDeploy, isChecking, isJudged, isWhole, startingCount } from './observed.ts';
import { openings } from './openings.ts';
import { type State, tableOf } from './state.ts';

/** none → wanted → trying → tried; the outcome `upgrade` follows. Refused, or told to stop: none again. */
export type Upgrade =
  | { readonly name: 'none' }
  | { readonly name: 'wanted' }
  | { readonly name: 'trying'; readonly trial: number }
  | { readonly name: 'tried' };

export function wantUpgrade(state: State): void {
  state.host.log({ event: 'upgrade-requested' });
  if (state.upgrade.name === 'none') state.upgrade = { name: 'wanted' };
}

export function noteTrial(state: State, trial: number, refusal: string | undefined): void {
  if (state.upgrade.name !== 'trying' || state.upgrade.trial !== trial) return;
  state.upgrade = { name: refusal === undefined ? 'tried' : 'none' };
  if (refusal !== undefined) state.host.log({ event: 'upgrade-refused', reason: refusal });
}

/** Nobody takes over who would only be told to go. */
export function forgetUpgrade(state: State): void {
  if (state.upgrade.name === 'trying') state.host.cancelTrial();
  state.upgrade = { name: 'none' };
}

/** After each event. Returns whether the new program is to take over now. */
export function upgradeIfSettled(state: State): boolean {
  if (state.upgrade.name === 'none') return false;
  if (!isSettled(state)) dropTrial(state);
  else if (state.upgrade.name === 'wanted') prove(state);
  return state.upgrade.name === 'tried';
}

function dropTrial(state: State): void {
  forgetUpgrade(state);
  if (state.ending === undefined) state.upgrade = { name: 'wanted' };
}

function prove(state: State): void {
  state.trials += 1;
  state.upgrade = { name: 'trying', trial: state.trials };
  const proving = state.host.trySuccessor(tableOf(state), state.trials);
  if (proving.kind === 'failed') noteTrial(state, state.trials, proving.reason);
}

/** No deploy is in flight; one that fails again and again has no end to wait for, its next attempt is the new program's. */
function isSettled(state: State): boolean {
  if (state.current === undefined || state.ending !== undefined || state.again) return false;
  if (isChecking(state) || isJudged(state) || startingCount(state) > 0) return false;
  return isWhole(state, filledDeploy(state)) || openings(state).some(({ pace }) => pace.failures > 0);
}
