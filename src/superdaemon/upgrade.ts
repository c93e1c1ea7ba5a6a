// USR2: this program is to give way to the one that lies on the disk now, which takes the table over as it stands. A deploy
// that is in flight is finished first; then the new program has to prove that it can.

import { type State, startingWorker, tableOf } from './state.ts';

/**
 * none → wanted → proving → proved; the outcome `upgrade` follows. Refused, or told to stop: none again.
 */
export type Upgrade = 'none' | 'wanted' | 'proving' | 'proved';

export function wantUpgrade(state: State): void {
  state.host.log({ event: 'upgrade-requested' });
  if (state.upgrade === 'none') state.upgrade = 'wanted';
}

export function takeProved(state: State, refusal: string | undefined): void {
  if (state.upgrade !== 'proving') return;
  state.upgrade = refusal === undefined ? 'proved' : 'none';
  if (refusal !== undefined) state.host.log({ event: 'upgrade-refused', reason: refusal });
}

/** Nobody takes over who would only be told to go. */
export function forgetUpgrade(state: State): void {
  if (state.upgrade === 'proving') state.host.cancelProof();
  state.upgrade = 'none';
}

/** After each event. Returns whether the new program is to take over now. */
export function upgradeIfSettled(state: State): boolean {
  if (state.upgrade === 'none' || !isSettled(state)) return false;
  if (state.upgrade === 'wanted') {
    state.upgrade = 'proving';
    const proving = state.host.prove(tableOf(state));
    if (proving.kind === 'failed') takeProved(state, proving.reason);
  }
  return state.upgrade === 'proved';
}

/** No deploy is in flight; one that fails again and again has no end to wait for, its next attempt is the new program's. */
function isSettled(state: State): boolean {
  const { attempt, failures, hasEverStarted, ending, deployAgain } = state;
  if (!hasEverStarted || ending !== undefined || deployAgain) return false;
  if (attempt.name === 'checking' || startingWorker(state) !== undefined) return false;
  return attempt.name === 'none' || failures > 0;
}
