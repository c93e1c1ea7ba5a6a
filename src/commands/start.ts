// Everything that a superdaemon holds is acquired here, in the reference's order, and released in reverse whatever
// happens; in between the loop runs.

import { type Log, type LogFormat, openLog } from '../files/log.ts';
import { type Output, openOutput } from '../files/output.ts';
import { takePidFile } from '../files/pid-file.ts';
import { statusFile } from '../files/status-file.ts';
import type { StartOptions } from '../invocation.ts';
import type { Caller } from '../posix/caller.ts';
import { writeLine } from '../posix/write-line.ts';
import { printable } from '../printable.ts';
import { serviceManager } from '../service-manager/service-manager.ts';
import { takeActivation } from '../sockets/activation.ts';
import { openListeners } from '../sockets/listener.ts';
import { StartupError } from '../startup-error.ts';
import { internalError, type LogEvent, logLine } from '../superdaemon/log-event.ts';
import { superdaemon } from '../superdaemon/superdaemon.ts';
import { eventQueue } from '../workers/event-queue.ts';
import { wantsBlocking } from '../workers/server-adapter.ts';
import { openControl } from './control.ts';
import { reportServing } from './daemonize.ts';
import { environmentSource } from './environment-source.ts';
import { readying } from './readying.ts';
import { realHost } from './real-host.ts';

/** Returns once the superdaemon has been stopped and nothing of it is left. Throws StartupError when it cannot start. */
export async function start(options: StartOptions, callerAsItIs: Caller): Promise<void> {
  const { caller, sockets: activated } = takeActivation(callerAsItIs);
  const { log, alsoTell } = telling(openLog(STDERR, await logFormat(options)));
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
    activated,
    blocking: wantsBlocking(options.server),
    consecutive: options.listenFds,
    warn: say,
    passedThrough: caller.descriptors,
    limit: caller.openFilesLimit,
  });
  pidFile?.write();
  using _control = openControl(pidFile, { events, alsoTell, warn });
  output.redirect();
  reopenLog = () => reopen(output, log);
  using status = options.statusFile === undefined ? undefined : statusFile(options.statusFile, warn);
  const { listeners } = sockets;
  const environment = environmentSource(options, caller);
  using manager = serviceManager(callerAsItIs.environment, attemptFacts(options));
  if (manager !== undefined) alsoTell(manager.hear);
  using readiness = readying({ options, caller, listeners, events, log });
  alsoTell(
    whenServing(options, () => {
      output.settle();
      if (caller.launcher !== undefined) reportServing(caller.launcher);
    }),
  );
  const host = realHost({ options, caller, listeners, environment, events, ...readiness, status, log });
  using _net = catchFaults(report);
  const outcome = await superdaemon(host);
  await log.flush();
  if (outcome.kind === 'never-started') {
    output.restore();
    throw new StartupError(`cannot start the worker: ${outcome.reason}`);
  }
}

const STDERR = 2;

/** What only the one needs is loaded for it alone. */
async function logFormat({ logFormat }: StartOptions): Promise<LogFormat> {
  return logFormat === 'text' ? textLine : (await import('../files/json-format.ts')).jsonFormat();
}

/** An event is one line, whatever the file names in it hold; a stack is of our own making. */
function textLine(entry: LogEvent): string | undefined {
  const line = logLine(entry);
  return line === undefined || entry.event === 'internal-error' ? line : printable(line);
}

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

function attemptFacts({ readiness, intervalMs, readyTimeoutMs, maxStartAttempts }: StartOptions) {
  const attemptMs = readiness.kind === 'interval' ? intervalMs : readyTimeoutMs;
  return { attemptMs, endsByItself: maxStartAttempts > 0 };
}

/** A log whose events others hear, too. */
function telling(log: Log): { readonly log: Log; readonly alsoTell: (hear: Hear) => void } {
  const hearers: Hear[] = [log.write];
  const write = (event: LogEvent) => {
    for (const hear of hearers) hear(event);
  };
  return { log: { ...log, write }, alsoTell: (hear) => void hearers.push(hear) };
}

type Hear = (event: LogEvent) => void;

/** Spawned, a worker serves as far as we know; where there is a way to know better, it has to have started. */
function whenServing({ readiness, maxStartAttempts }: StartOptions, act: () => void): Hear {
  const sign = readiness.kind === 'interval' && maxStartAttempts === 0 ? 'worker-starting' : 'worker-started';
  let done = false;
  return ({ event }) => {
    if (done || event !== sign) return;
    done = true;
    act();
  };
}

/** Set-up is told to the caller directly; the log begins where it ends. */
function say(line: string): void {
  writeLine(STDERR, printable(line));
}
