// The loop: take the next event, note it, ask what is missing, act. Nothing here sleeps or blocks; every wait is a
// deadline of a rule's, so the loop is never deaf. A pid is signalled only while its row stands, that is, before its
// death was reaped.

import { takeJudged } from './canary.ts';
import { cancelDeploy, endingReason } from './cancel.ts';
import { isPoolNow } from './configuration.ts';
import { takeDeath, takeTreeEnd } from './death.ts';
import { request } from './deploy.ts';
import { takeChecked } from './fill.ts';
import { givesUpForsaken } from './give-up.ts';
import { guardedHost } from './guarded-host.ts';
import type { Event, Host, Signal } from './host.ts';
import { internalError } from './log-event.ts';
import { named, publish } from './publish.ts';
import { takeReplace } from './recycle.ts';
import { stop } from './retire.ts';
import { applyRules, nextDeadline } from './rules.ts';
import { scaleBySignal, takeScale } from './scale.ts';
import { takeReady } from './start.ts';
import { type Before, beginning, type Outcome, outcomeOf, type State, tableOf } from './state.ts';
import { noteTrial, upgradeIfSettled, wantReconfiguration, wantUpgrade } from './upgrade.ts';
import { forgiveSilence, takeAlive } from './watchdog.ts';

/**
 * Runs until told to stop and the last worker has gone, until it is clear that no worker will ever start, or until
 * another program is to take over.
 */
export async function superdaemon(world: Host, before: Before = {}): Promise<Outcome> {
  const state = initialState(world, before);
  for (;;) {
    try {
      const due = Math.max(nextDeadline(state), state.host.now());
      // Not by way of a function that is async: it would cost each event 0.02 ms.
      const event = await state.host.nextEvent(due);
      forgiveSilence(state, due);
      turn(state, event);
    } catch (error) {
      // A fault of our own costs the action at hand, never the supervision of the workers.
      state.host.log(internalError(error));
      // Should it come again at once, the rest of the process still gets its turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const outcome = outcomeNow(state);
    if (outcome !== undefined) return outcome;
  }
}

/** Before the first turn. */
export function initialState(world: Host, before: Before): State {
  const state = beginning(guardedHost(world, before.table?.policy), before);
  if (before.table === undefined) announceSurvivors(state);
  else publish(state);
  return state;
}

/** undefined: it goes on. */
export function outcomeNow(state: State): Outcome | undefined {
  if (upgradeIfSettled(state)) return { kind: 'upgrade', table: tableOf(state) };
  const outcome = outcomeOf(state);
  if (outcome?.kind === 'stopped') state.host.log({ event: 'exiting' });
  return outcome;
}

function announceSurvivors(state: State): void {
  if (state.workers.length === 0) return;
  for (const worker of state.workers) state.host.log({ event: 'taken-over', ...named(state, worker) });
  publish(state);
}

export function turn(state: State, event: Event): void {
  const hasDied = take(state, event);
  applyRules(state, event.kind === 'deadline');
  // The replacement first: nobody waits for the file, nor for what the end of everything removes at once.
  if (hasDied && outcomeOf(state)?.kind !== 'stopped') publish(state);
}

/** Returns whether a worker has died. */
function take(state: State, event: Event): boolean {
  if (event.kind === 'death') return takeDeath(state, event);
  if (event.kind === 'tree-ended') return takeTreeEnd(state, event.pid);
  takeNews(state, event);
  return false;
}

type Death = Extract<Event, { readonly kind: 'death' | 'tree-ended' }>;

function takeNews(state: State, event: Exclude<Event, Death>): void {
  switch (event.kind) {
    case 'signal':
      return takeSignal(state, event.signal);
    case 'request':
      return takeRequest(state, event.request);
    case 'scale':
      return takeScale(state, event.request, event.scaling);
    case 'forsaken':
      return takeForsaken(state);
    case 'cancel':
      return cancelDeploy(state, event.request);
    case 'reconfigure':
      return wantReconfiguration(state, event);
    case 'ready':
      return takeReady(state, event.attempt);
    case 'alive':
      return takeAlive(state, event.attempt);
    case 'replace':
      return takeReplace(state, event.attempt);
    case 'checked':
      return takeChecked(state, event.generation, event.refusal);
    case 'judged':
      return takeJudged(state, event.attempt, event.refusal);
    case 'tried':
      return noteTrial(state, event.trial, event.refusal);
    case 'deadline':
  }
}

function takeSignal(state: State, signal: Signal): void {
  if (state.ending?.kind === 'stopped') return;
  if (signal === 'SIGTERM') return stop(state, signal, state.policy.signalOnTerm);
  if (signal === 'SIGINT' || signal === 'SIGQUIT') return stop(state, signal, 'SIGTERM');
  if (state.ending !== undefined) return;
  if (signal === 'SIGHUP') request(state);
  else if (signal === 'SIGUSR2') wantUpgrade(state);
  else if (signal === 'SIGTTIN') scaleBySignal(state, 1);
  else if (signal === 'SIGTTOU') scaleBySignal(state, -1);
}

/** Those who outlived another superdaemon are not his to stop who starts this one. */
function takeForsaken(state: State): void {
  if (!givesUpForsaken(state)) takeSignal(state, 'SIGTERM');
}

function takeRequest(state: State, number: number): void {
  const reason = endingReason(state);
  if (reason !== undefined) return state.host.log({ event: 'request-refused', request: number, reason });
  const deploy = request(state);
  const workers = isPoolNow(state) ? { workers: state.pendingSize ?? state.target } : {};
  state.host.log({ event: 'request-accepted', request: number, deploy, ...workers });
}
