// Everything that a superdaemon holds is acquired here, in the reference's order, and released in reverse whatever
// happens; in between the loop runs.

import type { Output } from '../files/output.ts';
import { statusFile } from '../files/status-file.ts';
import type { Handover } from '../handover/holdings.ts';
import type { StartOptions } from '../invocation.ts';
import type { Caller } from '../posix/caller.ts';
import { processHandle } from '../posix/pidfd.ts';
import { releaseProgramPages } from '../posix/program-pages.ts';
import { writeLine } from '../posix/write-line.ts';
import { printable } from '../printable.ts';
import { serviceManager } from '../service-manager/service-manager.ts';
import { takeActivation } from '../sockets/activation.ts';
import { StartupError } from '../startup-error.ts';
import type { Host } from '../superdaemon/host.ts';
import { internalError } from '../superdaemon/log-event.ts';
import type { Before, Outcome } from '../superdaemon/state.ts';
import { superdaemon } from '../superdaemon/superdaemon.ts';
import { orphanWatch } from '../take-over/orphan-watch.ts';
import { eventQueue, SCALING } from '../workers/event-queue.ts';
import { leftBehind } from '../workers/left-behind.ts';
import { acquireOrphaned, acquireOutput, acquirePidFile, acquireSockets } from './acquire.ts';
import { openControl } from './control.ts';
import { reportServing } from './daemonize.ts';
import { environmentSource } from './environment-source.ts';
import { holdingsOf } from './holdings.ts';
import { readying } from './readying.ts';
import { realHost } from './real-host.ts';
import { type Log, openTelling } from './telling.ts';
import { upgraded } from './upgraded.ts';
import { type Upgrading, upgrading } from './upgrading.ts';
import { whenServing } from './when-serving.ts';
import { workerWatches } from './worker-watches.ts';

/**
 * Returns once the superdaemon has been stopped and nothing of it is left. `inherited`: what the program before this one
 * held, in this very process. Throws StartupError when it cannot start.
 */
export async function start(
  options: StartOptions,
  callerAsItIs: Caller,
  inherited?: Handover,
): Promise<void> {
  const { caller, sockets: activated } = takeActivation(callerAsItIs, inherited !== undefined);
  const { log, alsoTell } = await openTelling(options, inherited?.log);
  const warn = (message: string) => log.write({ event: 'warning', message });
  const report = (error: unknown) => log.write(internalError(error));
  let reopenLog = () => {};
  const events = eventQueue({
    ignoredByCaller: caller.ignoredSignals,
    alsoTaken: options.workers === undefined ? [] : SCALING,
    reopenLog: () => reopenLog(),
    report,
    inherited: inherited?.events,
  });
  const acquiring = { options, caller, activated, inherited, say };
  using output = acquireOutput(acquiring, { caller, watch: events.watch, warn });
  if (inherited === undefined) say(`start_server (pid:${process.pid}) starting now...`);
  using pidFile = await acquirePidFile(acquiring);
  using orphaned = await acquireOrphaned(acquiring);
  using sockets = await acquireSockets(acquiring, orphaned);
  pidFile?.write();
  using control = openControl(pidFile, { events, alsoTell, warn, inherited: inherited?.control });
  output.redirect();
  reopenLog = () => reopen(output, log);
  using status =
    options.statusFile === undefined ? undefined : statusFile(options.statusFile, warn, orphaned.serve);
  const { listeners } = sockets;
  const environment = environmentSource(options, caller, inherited?.envdir);
  const facts = {
    ...attemptFacts(options),
    ...poolFacts(options, inherited),
    isReady: inherited !== undefined,
  };
  using manager = serviceManager(callerAsItIs.environment, facts, inherited?.untold);
  if (manager !== undefined) alsoTell(manager.hear);
  using readiness = readying({ options, caller, listeners, events, log, inherited: inherited?.readying });
  const left = leftBehind({
    sockets: listeners.map(({ from }) => from),
    log: log.write,
    isKnown: events.isOurs,
    inherited: inherited?.left ?? [],
  });
  // Who has been told to go by the program before this one.
  for (const { pid, phase } of inherited?.table.workers ?? []) if (phase.name === 'draining') left.look(pid);
  const watches = workerWatches({ ...readiness, events, log, left, inherited });
  if (inherited === undefined) {
    const settle = () => {
      output.settle();
      if (caller.launcher !== undefined) reportServing(caller.launcher);
    };
    alsoTell(whenServing(options, settle));
  }
  const adopted = inherited?.table.workers ?? orphaned.survivors.workers;
  const orphans = orphanWatch(inherited?.orphans.map(processHandle) ?? orphaned.handles(), events, (pid) =>
    left.died(adopted.find((each) => each.pid === pid) ?? { generation: 0, pid }),
  );
  const kept = {
    events,
    pidFile,
    listeners,
    output,
    readiness,
    watches,
    orphans,
    control,
    environment,
    manager,
    left,
  };
  const possessions = { callerAsItIs, caller, ...kept };
  const upgrade = upgrading({ caller: callerAsItIs, events, log, holdings: holdingsOf(possessions) });
  const host = realHost({ ...possessions, ...readiness, options, upgrade, status, log });
  // A fault in a callback must not end the process either: the workers would be orphans.
  process.on('uncaughtException', report);
  if (inherited !== undefined) await upgraded(inherited.version, log);
  setTimeout(releaseProgramPages, STARTED_MS);
  const outcome = await run(host, upgrade, { table: inherited?.table, survivors: orphaned.survivors });
  left.report();
  await log.flush();
  if (outcome.kind === 'never-started') {
    output.restore();
    throw new StartupError(`cannot start the worker: ${outcome.reason}`);
  }
}

/** Should another program not be able to take over after all, this one goes on. */
async function run(host: Host, { giveWay }: Upgrading, before: Before): Promise<LastOutcome> {
  for (let from = before; ; ) {
    const outcome = await superdaemon(host, from);
    if (outcome.kind !== 'upgrade') return outcome;
    from = outcome;
    host.log({ event: 'upgrade-refused', reason: await giveWay(outcome.table) });
  }
}

type LastOutcome = Exclude<Outcome, { kind: 'upgrade' }>;

/** The first worker is spawned by then, and nobody waits for us. */
const STARTED_MS = 20;

const STDERR = 2;

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

/** Of a pool: its size, and the slots that serve. */
function poolFacts({ workers }: StartOptions, inherited: Handover | undefined) {
  const { wanted, workers: living = [] } = inherited?.table ?? {};
  const serving = living.filter(({ phase }) => phase.name === 'started');
  return {
    workers: workers && (wanted ?? workers),
    serving: serving.map(({ slot, pid }) => ({ slot, pid })),
  };
}

/** Set-up is told to the caller directly; the log begins where it ends. */
function say(line: string): void {
  writeLine(STDERR, printable(line));
}
