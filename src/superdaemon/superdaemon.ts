// The loop: take the next event, decide, act. Nothing here sleeps or blocks; every wait is a deadline in the table, so
// the loop is never deaf. A pid is signalled only while its row stands, that is, before its death was reaped.

import { guardedHost } from './guarded-host.ts';
import type { Event, Host, Signal } from './host.ts';
import { internalError } from './log-event.ts';
import { attempt, takeOver, wantReplacement, wantWorker } from './start.ts';
import {
  autoRestartAt,
  initialState,
  NEVER,
  nextDeadline,
  type Outcome,
  publish,
  type Retirement,
  type State,
  settlesAt,
  startingWorker,
} from './state.ts';
import { draining, isOld, type Worker } from './worker.ts';

/** Runs until told to stop and the last worker has gone, or until the very first worker could not be spawned. */
export async function superdaemon(world: Host): Promise<Outcome> {
  const host = guardedHost(world);
  const state = initialState(host);
  for (;;) {
    try {
      take(state, await host.nextEvent(nextDeadline(state)));
    } catch (error) {
      // A fault of our own costs the action at hand, never the supervision of the workers.
      host.log(internalError(error));
      // Should it come again at once, the rest of the process still gets its turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (state.outcome !== undefined) return state.outcome;
  }
}

function take(state: State, event: Event): void {
  switch (event.kind) {
    case 'signal':
      return takeSignal(state, event.signal);
    case 'death':
      return takeDeath(state, event.pid, event.status);
    case 'deadline':
      return takeDeadline(state);
  }
}

function takeSignal(state: State, signal: Signal): void {
  if (state.stopping) return;
  if (signal === 'SIGHUP') deploy(state);
  else if (signal === 'SIGTERM') stop(state, signal, state.policy.signalOnTerm);
  else if (signal === 'SIGINT' || signal === 'SIGQUIT') stop(state, signal, 'SIGTERM');
}

/** A worker that is being tried was spawned before this request and may be of the release before: one more then. */
function deploy(state: State): void {
  if (startingWorker(state) !== undefined) {
    state.deployAgain = true;
    return;
  }
  state.host.log({ event: 'hup' });
  state.deploying = true;
  wantWorker(state);
}

function stop(state: State, received: Signal, signal: Signal): void {
  const pids = state.workers.map(({ pid }) => pid);
  state.stopping = true;
  state.attemptAt = NEVER;
  state.retirements = [];
  state.host.log({ event: 'stopping', received, signal, pids });
  for (const worker of state.workers) {
    worker.phase = draining(worker);
    state.host.signal(worker.pid, signal);
  }
  endIfAlone(state);
}

function endIfAlone(state: State): void {
  if (!state.stopping || state.workers.length > 0) return;
  state.host.log({ event: 'exiting' });
  state.outcome = { kind: 'stopped' };
}

function takeDeath(state: State, pid: number, status: number): void {
  const worker = state.workers.find((each) => each.pid === pid);
  if (worker === undefined) return;
  state.workers = state.workers.filter((each) => each !== worker);
  reportDeath(state, worker, status);
  if (worker.phase.name === 'starting') tryAgain(state);
  if (worker.phase.name === 'current') replaceCurrent(state);
  // The replacement first: nobody waits for the file.
  attemptIfDue(state);
  publish(state);
  endIfAlone(state);
}

function reportDeath(state: State, { generation, pid, phase }: Worker, status: number): void {
  const { host, stopping, deploying } = state;
  if (phase.name === 'starting') host.log({ event: 'worker-failed-to-start', generation, pid, status });
  else {
    // Once its successor has been asked for, the reference calls a worker old.
    const expected = phase.name !== 'current' || deploying;
    const role = stopping ? 'stopping' : expected ? 'old' : 'current';
    host.log({ event: 'worker-died', generation, pid, status, role });
  }
}

/** The next attempt is spawned after any HUP that came meanwhile, and so serves it too. */
function tryAgain(state: State): void {
  wantReplacement(state);
  if (state.deployAgain) deployOnceMore(state);
}

/** The old generation, if it has not been signalled yet, serves on until a replacement has started. */
function replaceCurrent(state: State): void {
  state.retirements = [];
  if (startingWorker(state) === undefined) wantReplacement(state);
}

function takeDeadline(state: State): void {
  const now = state.host.now();
  const starting = startingWorker(state);
  if (starting !== undefined && settlesAt(state) <= now) takeOver(state, starting);
  for (const retirement of state.retirements.filter(({ at }) => at <= now)) retire(state, retirement);
  if (state.deployAgain && startingWorker(state) === undefined) deployOnceMore(state);
  if (autoRestartAt(state) <= now) autoRestart(state);
  attemptIfDue(state);
}

function attemptIfDue(state: State): void {
  if (state.attemptAt <= state.host.now()) attempt(state);
}

function retire(state: State, retirement: Retirement): void {
  state.retirements = state.retirements.filter((each) => each !== retirement);
  state.host.log({ event: 'retiring' });
  for (const worker of state.workers) {
    if (worker.phase.name !== 'old' || worker.generation >= retirement.before) continue;
    worker.phase = draining(worker);
    state.host.signal(worker.pid, state.policy.signalOnHup);
  }
}

function deployOnceMore(state: State): void {
  state.deployAgain = false;
  deploy(state);
}

function autoRestart(state: State): void {
  const intervalMs = state.policy.autoRestartIntervalMs ?? NEVER;
  state.host.log({
    event: 'auto-restart',
    intervalMs,
    forced: state.workers.some(isOld),
  });
  state.deploying = true;
  wantWorker(state);
}
