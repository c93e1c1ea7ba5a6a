import type { StopOptions } from '../command-line/invocation.ts';
import { sizeInWords } from '../control/pool-view.ts';
import { listedGenerations } from '../files/status-file.ts';
import { isAlive, ownPidOf } from '../posix/process/process-facts.ts';
import { sleep } from '../posix/sleep.ts';
import { StartupError } from '../startup-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { listenIn, stoppedWords } from './ask.ts';
import { closingLine } from './closing-line.ts';
import { type LeftView, leftView } from './left-view.ts';
import { openProgress } from './progress.ts';
import { findRunning, type Running, until } from './running.ts';
import { timeLimit } from './time-limit.ts';
import { understood } from './understood.ts';

/**
 * Sends TERM; resolves when the superdaemon has really gone, and its workers before it. Throws StartupError when it was
 * killed meanwhile.
 */
export async function stop(options: StopOptions): Promise<void> {
  const close = closingLine(options.quiet);
  const outcome = await stopped(options);
  if (outcome !== undefined) close(outcome);
}

/** Returns the outcome, in words; undefined: its superdaemon tells nothing, and its own client was silent. */
async function stopped({
  pidFile,
  statusFile,
  waitTimeoutMs,
  quiet,
}: StopOptions): Promise<string | undefined> {
  const limit = timeLimit(waitTimeoutMs);
  using superdaemon = await findRunning(pidFile, limit, statusFile);
  using control = await listenIn(superdaemon, waitTimeoutMs);
  const left = leftView(control?.hello.left);
  const seesWorkers = ownPidOf(superdaemon.pid) === superdaemon.pid;
  const describe = () => stoppedWords(superdaemon.pid) ?? `superdaemon ${superdaemon.pid} has not gone`;
  using progress = openProgress(quiet, describe);
  const suspended = stoppedWords(superdaemon.pid);
  if (suspended !== undefined) progress.say(suspended);
  let workers = '';
  superdaemon.signal('SIGTERM');
  const shown =
    control === undefined
      ? undefined
      : showAll(control.events, (event) => {
          progress.show(event);
          left.take(event);
          if (event.event === 'stopping') workers = ` and ${sizeInWords(event.pids.length)}`;
        });
  // Whether it goes counts more than what it tells.
  shown?.catch(() => {});
  await until(superdaemon.isGone, limit, describe);
  // It hung up when it went.
  await shown;
  if (superdaemon.wasKilled()) throw killed(superdaemon, pidFile, seesWorkers ? statusFile : undefined);
  if (seesWorkers) await refuseLeft(superdaemon, left);
  return control && `stopped: superdaemon ${superdaemon.pid}${workers}`;
}

/** A server that goes along with its wrapper needs a moment. */
const MOMENT_MS = 1000;
const LOOK_MS = 20;

async function refuseLeft({ pid }: Running, left: LeftView): Promise<void> {
  for (let looks = 0; left.pids().some(isAlive); looks += 1) {
    if (looks * LOOK_MS > MOMENT_MS) {
      const living = `process ${left.pids().filter(isAlive).join(', ')} lives on`;
      throw new StartupError(
        `superdaemon ${pid} has gone, but not all that its workers had started: ${left.describe() ?? living}`,
      );
    }
    await sleep(LOOK_MS);
  }
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

async function showAll(events: AsyncIterator<LogEvent>, show: (event: LogEvent) => void): Promise<void> {
  for (let next = await events.next(); !next.done; next = await events.next()) {
    const event = next.value;
    understood(event, () => show(event));
  }
}
