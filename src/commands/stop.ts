import { listedGenerations } from '../files/status-file.ts';
import type { StopOptions } from '../invocation.ts';
import { isAlive, ownPidOf } from '../posix/process-facts.ts';
import { StartupError } from '../startup-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { listenIn, stoppedWords } from './ask.ts';
import { openProgress, type Progress } from './progress.ts';
import { findRunning, type Running, until } from './running.ts';
import { timeLimit } from './time-limit.ts';

/**
 * Sends TERM; resolves when the superdaemon has really gone, and its workers before it. Throws StartupError when it was
 * killed meanwhile.
 */
export async function stop({ pidFile, statusFile, waitTimeoutMs, quiet }: StopOptions): Promise<void> {
  const limit = timeLimit(waitTimeoutMs);
  using superdaemon = await findRunning(pidFile, limit);
  using control = quiet ? undefined : await listenIn(superdaemon, waitTimeoutMs);
  const seesWorkers = ownPidOf(superdaemon.pid) === superdaemon.pid;
  const describe = () => stoppedWords(superdaemon.pid) ?? `superdaemon ${superdaemon.pid} has not gone`;
  using progress = openProgress(quiet, describe);
  const stopped = stoppedWords(superdaemon.pid);
  if (stopped !== undefined) progress.say(stopped);
  superdaemon.signal('SIGTERM');
  const shown = control === undefined ? undefined : showAll(control.events, progress);
  await until(superdaemon.isGone, limit, describe);
  // It hung up when it went.
  await shown;
  if (superdaemon.wasKilled()) throw killed(superdaemon, pidFile, seesWorkers ? statusFile : undefined);
}

function killed({ pid }: Running, pidFile: string, statusFile: string | undefined): StartupError {
  const who = `--pid-file=${pidFile}: superdaemon ${pid} was killed before it had stopped`;
  return new StartupError(`${who}: ${survivors(statusFile)}`);
}

function survivors(statusFile: string | undefined): string {
  const listed = statusFile === undefined ? [] : listedGenerations(statusFile);
  const living = listed.map(({ pid }) => pid).filter(isAlive);
  if (living.length === 0) return 'its workers may live on';
  return `${living.length === 1 ? 'worker' : 'workers'} ${living.join(', ')} ${living.length === 1 ? 'lives' : 'live'} on`;
}

async function showAll(events: AsyncIterator<LogEvent>, progress: Progress): Promise<void> {
  for (let next = await events.next(); !next.done; next = await events.next()) progress.show(next.value);
}
