// --events: what happens, as it happens, in the lines of the JSON log. The connection outlives the program at its other end.

import { fstatSync } from 'node:fs';
import type { EventsOptions } from '../command-line/invocation.ts';
import { jsonFormat } from '../files/json-format.ts';
import { writeAnswer } from '../files/write-answer.ts';
import { whenReadable } from '../posix/libc/libc-poll.ts';
import { errorCode } from '../posix/libc/system-error.ts';
import { StartupError } from '../startup-error.ts';
import { cannotAsk } from './another-user.ts';
import { ask } from './ask.ts';
import { findRunning, type Running, until } from './running.ts';
import { timeLimit } from './time-limit.ts';
import { understood } from './understood.ts';

/**
 * Returns when the superdaemon has ended, or nobody reads any more. Throws StartupError with exit status 1 when it was
 * killed, 3 when none runs.
 */
export async function events({ pidFile, waitTimeoutMs, names }: EventsOptions): Promise<void> {
  const limit = timeLimit(waitTimeoutMs);
  using superdaemon = await findRunning(pidFile, limit);
  const wish = { request: 'events', ...(names && { names }) } as const;
  using control = await ask(superdaemon, wish, { limit, quiet: true });
  if (control === undefined) {
    throw cannotAsk(pidFile, superdaemon.pid, `superdaemon ${superdaemon.pid} cannot be asked for events`);
  }
  const format = jsonFormat(control.hello.pid);
  using reader = whenReaderGoes();
  for (;;) {
    const next = await Promise.race([control.events.next(), reader.gone]);
    if (next === undefined) return;
    if (next.done) break;
    const { time = Date.now(), ...event } = next.value;
    if (!wasRead(understood(event, () => format(event, time) ?? ''))) return;
  }
  await refuseUnlessEnded(superdaemon, `--pid-file=${pidFile}: superdaemon ${superdaemon.pid}`);
}

async function refuseUnlessEnded(superdaemon: Running, who: string): Promise<void> {
  const hungUp = () => new StartupError(`${who} hung up: is it of an older version, without --events?`);
  // It hangs up a moment before it is gone.
  await until(superdaemon.isGone, timeLimit(GOING_MS), () => '').catch(() => Promise.reject(hungUp()));
  if (superdaemon.wasKilled()) throw new StartupError(`${who} was killed, its workers may live on`);
}

const GOING_MS = 2000;

/** A reader that has gone has seen what it wanted: what it was shown has no end to wait for. */
function wasRead(line: string): boolean {
  try {
    writeAnswer(line);
    return true;
  } catch (error) {
    if (error instanceof StartupError && errorCode(error.cause) === 'EPIPE') return false;
    throw error;
  }
}

interface Reader extends Disposable {
  readonly gone: Promise<undefined>;
}

/** Of a pipe, so that nothing has to happen until it is seen. */
function whenReaderGoes(): Reader {
  let watching: Disposable | undefined;
  const gone = new Promise<undefined>((resolve) => {
    if (fstatSync(STDOUT).isFIFO()) watching = whenReadable(STDOUT, () => resolve(undefined));
  });
  return { gone, [Symbol.dispose]: () => watching?.[Symbol.dispose]() };
}

const STDOUT = 1;
