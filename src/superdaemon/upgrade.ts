// USR2: the program on the disk now is to replace this one, and takes the table over as it stands. A deploy
// that is in flight is finished first; then the new program has to prove that it can. The proof counts until a deploy begins: what
// lies on the disk after that, nobody has tried. A worker that dies and comes again is no deploy, or whoever would end a crash
// loop by an upgrade would wait for the end of the loop.

import { endingReason } from './cancel.ts';
import { filledDeploy, isChecking, isJudged, isWhole, startingCount } from './observed.ts';
import { openings } from './openings.ts';
import type { Reconfiguration } from './reconfiguration.ts';
import { type State, tableOf } from './state.ts';

/**
 * none → wanted → trying → tried; the outcome `upgrade` follows. Refused, or told to stop: none again. `to`: the successor is
 * to go by that command line; undefined: by ours.
 */
export type Upgrade =
  | { readonly name: 'none' }
  | { readonly name: 'wanted'; readonly to: Reconfiguration | undefined }
  | { readonly name: 'trying'; readonly to: Reconfiguration | undefined; readonly trial: number }
  | { readonly name: 'tried'; readonly to: Reconfiguration | undefined };

export function wantUpgrade(state: State): void {
  state.host.log({ event: 'upgrade-requested' });
  if (state.upgrade.name === 'none') state.upgrade = { name: 'wanted', to: undefined };
}

/** Whoever wants the program alone to be replaced gets that by it, too. */
export function wantReconfiguration(state: State, to: Reconfiguration): void {
  const { host, upgrade } = state;
  const { request } = to;
  const isTaken = upgrade.name !== 'none' && upgrade.to !== undefined;
  const reason = endingReason(state) ?? (isTaken ? 'another client is changing the options' : undefined);
  if (reason !== undefined) return host.log({ event: 'request-refused', request, reason });
  host.log({ event: 'reconfigure-requested', request });
  if (upgrade.name === 'trying') host.cancelTrial();
  state.upgrade = { name: 'wanted', to };
}

export function noteTrial(state: State, trial: number, refusal: string | undefined): void {
  const { upgrade } = state;
  if (upgrade.name !== 'trying' || upgrade.trial !== trial) return;
  state.upgrade = refusal === undefined ? { name: 'tried', to: upgrade.to } : { name: 'none' };
  if (refusal !== undefined) state.host.log({ event: 'upgrade-refused', reason: refusal });
}

/** Nobody takes over who would only be told to go. */
export function forgetUpgrade(state: State): void {
  if (state.upgrade.name === 'trying' || state.upgrade.name === 'tried') state.host.cancelTrial();
  state.upgrade = { name: 'none' };
}

/** After each event. Returns whether the new program is to take over now. */
export function upgradeIfSettled(state: State): boolean {
  if (state.upgrade.name === 'none') return false;
  const isReady = isSettled(state);
  if (!isReady && !isOnlyRestarting(state)) dropTrial(state);
  else if (isReady && state.upgrade.name === 'wanted') prove(state, state.upgrade.to);
  return isReady && state.upgrade.name === 'tried';
}

/** Those of current, in the place of workers that have died or are recycled, or of none. */
function isOnlyRestarting({ current, candidate, again, ending }: State): boolean {
  return current !== undefined && candidate === undefined && !again && ending === undefined;
}

/** It has to prove itself once more. */
export function dropTrial(state: State): void {
  if (state.upgrade.name === 'none') return;
  const { to } = state.upgrade;
  forgetUpgrade(state);
  if (state.ending === undefined) state.upgrade = { name: 'wanted', to };
}

function prove(state: State, to: Reconfiguration | undefined): void {
  state.trials += 1;
  state.upgrade = { name: 'trying', trial: state.trials, to };
  const proving = state.host.trySuccessor(tableOf(state), state.trials, to);
  if (proving.kind === 'failed') noteTrial(state, state.trials, proving.reason);
}

/** A trial is due, or under way. What has failed again and again waits for its end, or there would never be time for one. */
export function isUpgradeDue(state: State): boolean {
  return state.upgrade.name !== 'none' && isSettled(state);
}

/** No deploy is in flight; one that fails again and again has no end to wait for, its next attempt is the new program's. */
function isSettled(state: State): boolean {
  if (state.current === undefined || state.ending !== undefined || state.again) return false;
  if (isChecking(state) || isJudged(state) || startingCount(state) > 0) return false;
  return isWhole(state, filledDeploy(state)) || openings(state).some(({ pace }) => pace.failures > 0);
}
