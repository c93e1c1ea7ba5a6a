// Everything that a superdaemon holds is acquired here, in the reference's order, and released in reverse whatever
// happens; in between the loop runs.

import { type Log, openLog } from '../files/log.ts';
import { takePidFile } from '../files/pid-file.ts';
import { statusFile } from '../files/status-file.ts';
import type { StartOptions } from '../options.ts';
import type { Caller } from '../posix/caller.ts';
import { setOpenFilesLimit } from '../posix/open-files.ts';
import { writeLine } from '../posix/write-line.ts';
import { openListeners } from '../sockets/listener.ts';
import { StartupError } from '../startup-error.ts';
import { superdaemon } from '../superdaemon/superdaemon.ts';
import { eventQueue } from '../workers/event-queue.ts';
import { environmentSource } from './environment-source.ts';
import { realHost } from './real-host.ts';

/** Returns once the superdaemon has been stopped and nothing of it is left. Throws StartupError when it cannot start. */
export async function start(options: StartOptions, caller: Caller): Promise<void> {
  using events = eventQueue(caller.ignoredSignals);
  setOpenFilesLimit(caller.openFilesLimit);
  const environment = environmentSource(options, caller);
  warn(`start_server (pid:${process.pid}) starting now...`);
  using pidFile = options.pidFile === undefined ? undefined : takePidFile(options.pidFile);
  using sockets = await openListeners(options.sockets, {
    backlog: options.backlog,
    warn,
    passedThrough: caller.descriptors,
    limit: caller.openFilesLimit,
  });
  pidFile?.write();
  const log = openLog(STDERR);
  const warning = (message: string) => log.write({ event: 'warning', message });
  using status = options.statusFile === undefined ? undefined : statusFile(options.statusFile, warning);
  const { listeners } = sockets;
  await run(realHost({ options, caller, listeners, environment, events, status, log }), log);
}

const STDERR = 2;

function warn(line: string): void {
  writeLine(STDERR, line);
}

async function run(host: ReturnType<typeof realHost>, log: Log): Promise<void> {
  const outcome = await superdaemon(host);
  await log.flush();
  if (outcome.kind === 'never-started') throw new StartupError(`cannot start the worker: ${outcome.reason}`);
}
