// USR2: this program is to give way to the one that lies on the disk now, which takes the table over as it stands. A deploy
// that is in flight is finished first; then the new program has to prove that it can. The proof counts for the very next
// step only: what lies on the disk after a deploy, nobody has tried.

import { filledDeploy, isChecking, isWhole, openings, startingCount } from './observed.ts';
import { type State, tableOf } from './state.ts';

/** none → wanted → proving → proved; the outcome `upgrade` follows. Refused, or told to stop: none again. */
export type Upgrade =
  | { readonly name: 'none' }
  | { readonly name: 'wanted' }
  | { readonly name: 'proving'; readonly trial: number }
  | { readonly name: 'proved' };

export function wantUpgrade(state: State): void {
  state.host.log({ event: 'upgrade-requested' });
  if (state.upgrade.name === 'none') state.upgrade = { name: 'wanted' };
}

export function takeProved(state: State, trial: number, refusal: string | undefined): void {
  if (state.upgrade.name !== 'proving' || state.upgrade.trial !== trial) return;
  state.upgrade = { name: refusal === undefined ? 'proved' : 'none' };
  if (refusal !== undefined) state.host.log({ event: 'upgrade-refused', reason: refusal });
}

/** Nobody takes over who would only be told to go. */
export function forgetUpgrade(state: State): void {
  if (state.upgrade.name === 'proving') state.host.cancelProof();
  state.upgrade = { name: 'none' };
}

/** After each event. Returns whether the new program is to take over now. */
export function upgradeIfSettled(state: State): boolean {
  if (state.upgrade.name === 'none') return false;
  if (!isSettled(state)) dropProof(state);
  else if (state.upgrade.name === 'wanted') prove(state);
  return state.upgrade.name === 'proved';
}

function dropProof(state: State): void {
  forgetUpgrade(state);
  if (state.ending === undefined) state.upgrade = { name: 'wanted' };
}

function prove(state: State): void {
  state.trials += 1;
  state.upgrade = { name: 'proving', trial: state.trials };
  const proving = state.host.prove(tableOf(state), state.trials);
  if (proving.kind === 'failed') takeProved(state, state.trials, proving.reason);
}

/** No deploy is in flight; one that fails again and again has no end to wait for, its next attempt is the new program's. */
function isSettled(state: State): boolean {
  if (state.current === undefined || state.ending !== undefined || state.again) return false;
  if (isChecking(state) || startingCount(state) > 0) return false;
  return isWhole(state, filledDeploy(state)) || openings(state).some(({ pace }) => pace.failures > 0);
}
