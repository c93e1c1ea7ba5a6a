import type { ClientOptions } from '../invocation.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { listenIn, stoppedWords } from './ask.ts';
import { openProgress, type Progress } from './progress.ts';
import { findRunning, until } from './running.ts';
import { timeLimit } from './time-limit.ts';

/** Sends TERM; resolves when the superdaemon has really gone, and its workers before it. */
export async function stop({ pidFile, waitTimeoutMs, quiet }: ClientOptions): Promise<void> {
  using superdaemon = findRunning(pidFile);
  const limit = timeLimit(waitTimeoutMs);
  using control = quiet ? undefined : await listenIn(superdaemon, waitTimeoutMs);
  const describe = () => stoppedWords(superdaemon.pid) ?? `superdaemon ${superdaemon.pid} has not gone`;
  using progress = openProgress(quiet, describe);
  const stopped = stoppedWords(superdaemon.pid);
  if (stopped !== undefined) progress.say(stopped);
  superdaemon.signal('SIGTERM');
  const shown = control === undefined ? undefined : showAll(control.events, progress);
  await until(superdaemon.isGone, limit, describe);
  // It hung up when it went.
  await shown;
}

async function showAll(events: AsyncIterator<LogEvent>, progress: Progress): Promise<void> {
  for (let next = await events.next(); !next.done; next = await events.next()) progress.show(next.value);
}
