// What happens, as the superdaemon tells it, shown until the client has its answer.

import type { Connection } from '../control/connection.ts';
import { StartupError } from '../startup-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { type Asking, stoppedWords } from './ask.ts';
import { openProgress } from './progress.ts';
import { type Running, until, wentAway } from './running.ts';
import { timeLimit } from './time-limit.ts';
import { understood } from './understood.ts';

export interface Following extends Asking {
  readonly superdaemon: Running;
  readonly pidFile: string;
  /** What may end without an answer. */
  readonly what: string;
  /** What is waited for. */
  readonly describe: () => string;
  /** How whoever sees a worker fail may end it, in words. */
  readonly wayOut?: string | undefined;
}

/** Returns what `take` returns at last; it may throw. Throws StartupError when the superdaemon hangs up before. */
export async function follow<Result>(
  { hello, events }: Connection,
  { superdaemon, pidFile, what, describe, wayOut, limit, quiet }: Following,
  take: (event: LogEvent) => Result | undefined,
): Promise<Result> {
  const waitsFor = () => stoppedWords(superdaemon.pid) ?? describe();
  using progress = openProgress(quiet, waitsFor);
  let hinted = false;
  for (;;) {
    const next = await limit.within(events.next(), waitsFor);
    if (next.done) throw await hungUp(superdaemon, pidFile, what);
    const result = understood(next.value, () => {
      progress.show(next.value);
      return take(next.value);
    });
    if (result !== undefined) return result;
    if (hinted || !isFailure(next.value)) continue;
    hinted = true;
    progress.say([`what the program said is in ${hello.log ?? 'the log'}`, wayOut ?? []].flat().join('; '));
  }
}

function isFailure({ event }: LogEvent): boolean {
  return event === 'worker-failed-to-start' || event === 'spawn-failed' || event === 'worker-late';
}

/** It hangs up when it ends, a moment before it is gone; and on a client that was too slow to listen. */
async function hungUp(superdaemon: Running, pidFile: string, what: string): Promise<StartupError> {
  const going = timeLimit(GOING_MS);
  try {
    await until(superdaemon.isGone, going, () => 'it lives');
    return wentAway(pidFile, superdaemon.pid, what);
  } catch {
    const text = `superdaemon ${superdaemon.pid} hung up, how ${what} ends is in its log`;
    return new StartupError(`--pid-file=${pidFile}: ${text}`);
  }
}

const GOING_MS = 2000;
