// How workers go: told once, and killed when they take longer than they may.

import type { Signal } from './host.ts';
import { endWith, NEVER, type Retirement, type State } from './state.ts';
import { forgetUpgrade } from './upgrade.ts';
import { draining, killAtOf, type Worker } from './worker.ts';

interface Farewell {
  readonly signal: Signal;
  /** Until SIGKILL; 0: never. */
  readonly timeoutMs: number;
}

export function drain(state: State, worker: Worker, { signal, timeoutMs }: Farewell): void {
  worker.phase = draining(worker, timeoutMs === 0 ? NEVER : state.host.now() + timeoutMs);
  const { generation, pid } = worker;
  state.host.signal(pid, signal);
  state.host.log({ event: 'worker-signalled', generation, pid, signal });
}

/** After a takeover: the old workers have the kill-old delay. */
export function scheduleRetirement(state: State, successor: Worker): void {
  const { host, policy, deploying, deploy } = state;
  const { generation, pid } = successor;
  const old = state.workers.filter(({ phase }) => phase.name === 'old');
  if (!deploying && old.length === 0) return;
  host.log({
    event: 'deployed',
    deploy: deploying ? deploy : undefined,
    generation,
    pid,
    signal: policy.signalOnHup,
    oldPids: old.map((worker) => worker.pid),
    leaving: state.workers.filter((worker) => worker !== successor).map((worker) => worker.pid),
  });
  if (policy.killOldDelayMs > 0) host.log({ event: 'kill-old-delay', delayMs: policy.killOldDelayMs });
  const retirement = { at: host.now() + policy.killOldDelayMs, before: generation };
  state.retirements = [...state.retirements, retirement].sort((a, b) => a.at - b.at);
}

export function retire(state: State, retirement: Retirement): void {
  const { signalOnHup: signal, killOldTimeoutMs: timeoutMs } = state.policy;
  state.retirements = state.retirements.filter((each) => each !== retirement);
  state.host.log({ event: 'retiring' });
  for (const worker of state.workers) {
    if (worker.phase.name !== 'old' || worker.generation >= retirement.before) continue;
    drain(state, worker, { signal, timeoutMs });
  }
}

export function killOverdue(state: State): void {
  for (const worker of state.workers) {
    const { generation, pid, phase } = worker;
    if (phase.name !== 'draining' || killAtOf(worker) > state.host.now()) continue;
    worker.phase = { ...phase, killAt: NEVER };
    state.host.log({ event: 'worker-killed', generation, pid });
    state.host.signal(pid, 'SIGKILL');
  }
}

/** Everybody is told to go; once they have, we end. */
export function stop(state: State, received: Signal, signal: Signal): void {
  const pids = state.workers.map(({ pid }) => pid);
  if (state.attempt.name === 'checking') state.host.cancelCheck();
  forgetUpgrade(state);
  endWith(state, { kind: 'stopped' });
  state.host.log({ event: 'stopping', received, signal, pids });
  const timeoutMs = state.policy.stopTimeoutMs;
  for (const worker of state.workers) drain(state, worker, { signal, timeoutMs });
}
