// A signal that a fault of the world's has lost is sent again, and so is KILL as long as its worker lives: or a roll would
// wait for it for ever, and so would the end. What told a worker that has ended is sent to what it has left.

import type { Signal } from './host.ts';
import { earliest, type Rule } from './rule.ts';
import { NEVER, type State } from './state.ts';
import type { Resend, Worker } from './worker.ts';

export const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

/** To a worker that is draining. */
export function send(state: State, worker: Worker, signal: Signal, waitMs = FIRST_WAIT_MS): void {
  const { signal: toItself, signalTree } = state.host;
  const isSent = (worker.outlived === undefined ? toItself : signalTree)(worker.pid, signal);
  const { phase } = worker;
  // Nothing is more than KILL, which stays as it was.
  if (phase.name !== 'draining' || (phase.killed && signal !== 'SIGKILL')) return;
  const isDone = isSent && signal !== 'SIGKILL';
  worker.phase = { ...phase, resend: isDone ? undefined : { signal, at: state.host.now() + waitMs, waitMs } };
}

/** Each time after twice as long, up to a minute. */
export const resend: Rule = {
  atDeadline: true,
  dueAt: ({ workers }) => earliest(workers, (worker) => resendOf(worker)?.at ?? NEVER),
  act: (state) => {
    const now = state.host.now();
    for (const worker of state.workers) {
      const due = resendOf(worker);
      if (due === undefined || due.at > now) continue;
      send(state, worker, due.signal, Math.min(2 * due.waitMs, LONGEST_WAIT_MS));
    }
  },
};

function resendOf({ phase }: Worker): Resend | undefined {
  return phase.name === 'draining' ? phase.resend : undefined;
}
