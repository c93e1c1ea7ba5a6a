// One worker alone has a socket that was bound anew.

import { request } from './deploy.ts';
import { workersOf } from './observed.ts';
import { named } from './publish.ts';
import type { State } from './state.ts';
import type { Worker } from './worker.ts';

/** Only a deploy gives the new socket to the others. While one is under way, nobody deploys for it: it would have no end. */
export function renewOthers(state: State, worker: Worker): void {
  if (state.candidate !== undefined || workersOf(state, state.current).length === 1) return;
  state.host.log({ event: 'socket-rebound', ...named(state, worker) });
  request(state);
}
