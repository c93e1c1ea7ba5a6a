import { isPool } from './configuration.ts';
import type { LiveGeneration } from './host.ts';
import type { State } from './state.ts';
import { hasStarted, type Worker } from './worker.ts';

export function publish(state: State): void {
  const started = state.workers.filter(hasStarted);
  started.sort((a, b) => a.generation - b.generation || a.slot - b.slot);
  state.host.publish(started.map((worker) => named(state, worker)));
}

/** What the world calls a worker by; its slot only where there are several. */
export function named(state: Pick<State, 'configurations'>, worker: Worker): LiveGeneration {
  const { generation, slot, pid } = worker;
  return isPool(state, worker) ? { generation, worker: slot, pid } : { generation, pid };
}
