// The loop: take the next event, decide, act. Nothing here sleeps or blocks; every wait is a deadline in the table, so
// the loop is never deaf. A pid is signalled only while its row stands, that is, before its death was reaped.

import { cancelDeploy, STOPPING } from './cancel.ts';
import { autoRestartAt, nextDeadline, settlesAt } from './deadlines.ts';
import { autoRestart, deploy, deployOnceMore } from './deploy.ts';
import { guardedHost } from './guarded-host.ts';
import type { Event, Host, Signal } from './host.ts';
import { internalError } from './log-event.ts';
import { killOverdue, retire, stop } from './retire.ts';
import { wantReplacement } from './spacing.ts';
import { attemptFailed, attemptIfDue, settle, takeChecked, takeReady } from './start.ts';
import {
  type Before,
  beginning,
  type Outcome,
  outcomeOf,
  publish,
  type State,
  startingWorker,
  tableOf,
} from './state.ts';
import { takeProved, upgradeIfSettled, wantUpgrade } from './upgrade.ts';
import type { Worker } from './worker.ts';

/**
 * Runs until told to stop and the last worker has gone, until it is clear that no worker will ever start, or until
 * another program is to take over.
 */
export async function superdaemon(world: Host, before: Before = {}): Promise<Outcome> {
  const host = guardedHost(world, before.table?.policy);
  const state = beginning(host, before);
  if (before.table === undefined) announceSurvivors(state);
  else publish(state);
  for (;;) {
    try {
      take(state, await host.nextEvent(nextDeadline(state)));
      attemptIfDue(state);
    } catch (error) {
      // A fault of our own costs the action at hand, never the supervision of the workers.
      host.log(internalError(error));
      // Should it come again at once, the rest of the process still gets its turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (upgradeIfSettled(state)) return { kind: 'upgrade', table: tableOf(state) };
    const outcome = outcomeOf(state);
    if (outcome === undefined) continue;
    if (outcome.kind === 'stopped') host.log({ event: 'exiting' });
    return outcome;
  }
}

function announceSurvivors(state: State): void {
  if (state.workers.length === 0) return;
  for (const { generation, pid } of state.workers) state.host.log({ event: 'taken-over', generation, pid });
  publish(state);
}

function take(state: State, event: Event): void {
  switch (event.kind) {
    case 'signal':
      return takeSignal(state, event.signal);
    case 'request':
      return takeRequest(state, event.request);
    case 'cancel':
      return cancelDeploy(state, event.request);
    case 'death':
      return takeDeath(state, event.pid, event.status);
    case 'ready':
      return takeReady(state, event.generation);
    case 'checked':
      return takeChecked(state, event.generation, event.refusal);
    case 'proved':
      return takeProved(state, event.refusal);
    case 'deadline':
      return takeDeadline(state);
  }
}

function takeSignal(state: State, signal: Signal): void {
  if (state.ending?.kind === 'stopped') return;
  if (signal === 'SIGHUP' && state.ending === undefined) deploy(state);
  else if (signal === 'SIGUSR2' && state.ending === undefined) wantUpgrade(state);
  else if (signal === 'SIGTERM') stop(state, signal, state.policy.signalOnTerm);
  else if (signal === 'SIGINT' || signal === 'SIGQUIT') stop(state, signal, 'SIGTERM');
}

function takeRequest(state: State, request: number): void {
  const { host, ending } = state;
  if (ending === undefined) host.log({ event: 'request-accepted', request, deploy: deploy(state) });
  else host.log({ event: 'request-refused', request, reason: STOPPING });
}

function takeDeath(state: State, pid: number, status: number | undefined): void {
  const worker = state.workers.find((each) => each.pid === pid);
  if (worker === undefined) return;
  state.workers = state.workers.filter((each) => each !== worker);
  reportDeath(state, worker, status);
  if (worker.phase.name === 'starting')
    attemptFailed(state, `worker ${pid} died, status:${status ?? 'unknown'}`);
  if (worker.phase.name === 'current') replaceCurrent(state);
  // The replacement first: nobody waits for the file.
  attemptIfDue(state);
  // Nor for what the end of everything removes at once.
  if (outcomeOf(state)?.kind !== 'stopped') publish(state);
}

function reportDeath({ host, ending, deploying }: State, worker: Worker, status: number | undefined): void {
  const { generation, pid, phase } = worker;
  const late = phase.name === 'draining' && !phase.started && ending?.kind !== 'stopped';
  // One that was taken over has started long ago.
  if (status !== undefined && (phase.name === 'starting' || late)) {
    host.log({ event: 'worker-failed-to-start', generation, pid, status });
  } else {
    // Once its successor has been asked for, the reference calls a worker old.
    const expected = phase.name !== 'current' || deploying;
    const role = ending !== undefined ? 'stopping' : expected ? 'old' : 'current';
    host.log({ event: 'worker-died', generation, pid, status, role });
  }
}

/** The old generation, if it has not been signalled yet, serves on until a replacement has started. */
function replaceCurrent(state: State): void {
  state.retirements = [];
  // Nobody serves: what failed before must not keep the replacement waiting.
  state.failures = 0;
  if (startingWorker(state) !== undefined) return;
  if (state.attempt.name === 'checking') {
    // Nor can it wait for the check.
    state.host.cancelCheck();
    state.attempt = { name: 'none' };
  }
  wantReplacement(state);
}

function takeDeadline(state: State): void {
  const now = state.host.now();
  const starting = startingWorker(state);
  if (starting !== undefined && settlesAt(state) <= now) settle(state, starting);
  for (const retirement of state.retirements.filter(({ at }) => at <= now)) retire(state, retirement);
  killOverdue(state);
  if (startingWorker(state) === undefined && state.attempt.name !== 'checking') deployOnceMore(state);
  if (autoRestartAt(state) <= now) autoRestart(state);
}
