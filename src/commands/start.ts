// Everything that a superdaemon holds is acquired here, in the reference's order, and released in reverse whatever
// happens; in between the loop runs.

import { type Log, openLog } from '../files/log.ts';
import { type Output, openOutput } from '../files/output.ts';
import { takePidFile } from '../files/pid-file.ts';
import { statusFile } from '../files/status-file.ts';
import type { StartOptions } from '../options.ts';
import type { Caller } from '../posix/caller.ts';
import { writeLine } from '../posix/write-line.ts';
import { openListeners } from '../sockets/listener.ts';
import { StartupError } from '../startup-error.ts';
import { internalError } from '../superdaemon/log-event.ts';
import { superdaemon } from '../superdaemon/superdaemon.ts';
import { eventQueue } from '../workers/event-queue.ts';
import { reportServing } from './daemonize.ts';
import { environmentSource } from './environment-source.ts';
import { realHost } from './real-host.ts';

/** Returns once the superdaemon has been stopped and nothing of it is left. Throws StartupError when it cannot start. */
export async function start(options: StartOptions, caller: Caller): Promise<void> {
  const log = openLog(STDERR);
  const warn = (message: string) => log.write({ event: 'warning', message });
  const report = (error: unknown) => log.write(internalError(error));
  let reopenLog = () => {};
  const events = eventQueue({
    ignoredByCaller: caller.ignoredSignals,
    reopenLog: () => reopenLog(),
    report,
  });
  using output = openOutput(options.log, { caller, watch: events.watch, warn });
  say(`start_server (pid:${process.pid}) starting now...`);
  using pidFile = options.pidFile === undefined ? undefined : await takePidFile(options.pidFile);
  using sockets = await openListeners(options.sockets, {
    backlog: options.backlog,
    pathAccess: options.pathAccess,
    warn: say,
    passedThrough: caller.descriptors,
    limit: caller.openFilesLimit,
  });
  pidFile?.write();
  output.redirect();
  reopenLog = () => reopen(output, log);
  using status = options.statusFile === undefined ? undefined : statusFile(options.statusFile, warn);
  const { listeners } = sockets;
  const environment = environmentSource(options, caller);
  const serving = once(() => {
    output.settle();
    if (caller.launcher !== undefined) reportServing(caller.launcher);
  });
  const host = realHost({ options, caller, listeners, environment, events, status, log, serving });
  using _net = catchFaults(report);
  const outcome = await superdaemon(host);
  await log.flush();
  if (outcome.kind === 'never-started') {
    output.restore();
    throw new StartupError(`cannot start the worker: ${outcome.reason}`);
  }
}

const STDERR = 2;

/** A fault in a callback must not end the process either: the workers would be orphans. */
function catchFaults(report: (error: unknown) => void): Disposable {
  process.on('uncaughtException', report);
  return { [Symbol.dispose]: () => void process.off('uncaughtException', report) };
}

/** On USR1, after a log rotation. When the new file cannot be opened the old one goes on. */
function reopen(output: Output, log: Log): void {
  try {
    if (output.reopen()) log.write({ event: 'log-reopened' });
  } catch (error) {
    log.write({ event: 'warning', message: error instanceof Error ? error.message : String(error) });
  }
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}

/** Set-up is told to the caller directly; the log begins where it ends. */
function say(line: string): void {
  writeLine(STDERR, line);
}
