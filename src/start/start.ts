// Everything that a superdaemon holds is acquired here, in the reference's order, and released in reverse; in between the
// loop runs. What fails while workers live releases nothing: their sockets and files are what they can be recovered by.

import type { StartOptions } from '../command-line/invocation.ts';
import { openControl } from '../control/open-control.ts';
import { checkStatusFile } from '../files/check-files.ts';
import { statusFile } from '../files/status-file.ts';
import { environmentSource } from '../host/environment-source.ts';
import { eventQueue, SCALING } from '../host/event-queue.ts';
import { readying } from '../host/readying.ts';
import { realHost } from '../host/real-host.ts';
import { reopenLog } from '../host/reopen-log.ts';
import { openTelling } from '../host/telling.ts';
import { whenTerminalGoes } from '../host/terminal.ts';
import { workerWatches } from '../host/worker-watches.ts';
import type { Caller } from '../posix/process/caller.ts';
import { processHandle } from '../posix/process/pidfd.ts';
import { showAs } from '../posix/process/process-name.ts';
import { releaseProgramPages } from '../posix/process/program-pages.ts';
import { orphanWatch } from '../recovery/orphan-watch.ts';
import { workerNote } from '../recovery/worker-note.ts';
import { takeActivation } from '../sockets/activation.ts';
import { keepListening } from '../sockets/keep-listening.ts';
import { StartupError } from '../startup-error.ts';
import type { Host } from '../superdaemon/host.ts';
import { internalError } from '../superdaemon/log-event.ts';
import type { Before, Outcome } from '../superdaemon/state.ts';
import { superdaemon } from '../superdaemon/superdaemon.ts';
import { serviceManager } from '../systemd/service-manager.ts';
import type { Handover } from '../upgrade/holdings.ts';
import { holdingsOf } from '../upgrade/holdings-of.ts';
import { upgraded } from '../upgrade/upgraded.ts';
import { type Upgrading, upgrading } from '../upgrade/upgrading.ts';
import { leftBehind } from '../workers/left-behind.ts';
import { wantsBlocking } from '../workers/server-adapter.ts';
import { acquireOrphaned, acquireOutput, acquirePidFile, acquireSockets, resolveNames } from './acquire.ts';
import { type Acquired, releasing } from './acquired.ts';
import { endEarly } from './end-early.ts';
import { waitingLauncher } from './launcher.ts';
import { lookFirst } from './look-first.ts';
import { whenServing } from './when-serving.ts';

/**
 * Returns once the superdaemon has been stopped and nothing of it is left. `inherited`: what the program before this one
 * held, in this very process. Throws StartupError when it cannot start.
 */
export async function start(
  options: StartOptions,
  callerAsItIs: Caller,
  inherited?: Handover,
): Promise<void> {
  await releasing(inherited !== undefined, (acquired) =>
    live(acquired, { options, callerAsItIs, inherited }),
  );
}

interface Given {
  readonly options: StartOptions;
  readonly callerAsItIs: Caller;
  readonly inherited: Handover | undefined;
}

async function live(acquired: Acquired, { options, callerAsItIs, inherited }: Given): Promise<void> {
  showAs(callerAsItIs);
  const { caller, sockets: activated } = takeActivation(callerAsItIs, inherited !== undefined);
  const { log, say, format, alsoTell } = await openTelling(options, inherited?.log);
  const warn = (message: string) => log.write({ event: 'warning', message });
  const report = (error: unknown) => log.write(internalError(error));
  process.on('warning', ({ name, message }) => warn(`${name}: ${message}`));
  // A fault in a callback must not end the process either: the workers would be orphans.
  process.on('uncaughtException', report);
  let onUsr1 = () => {};
  const events = eventQueue({
    ignoredByCaller: caller.ignoredSignals,
    alsoTaken: options.workers === undefined ? [] : SCALING,
    reopenLog: () => onUsr1(),
    report,
    inherited: inherited?.events,
  });
  alsoTell(whenTerminalGoes(() => warn('the terminal is gone, going on')));
  const asked = {
    ...{ options, caller, activated, inherited },
    say: (message: string) => say({ event: 'set-up', message }),
  };
  const output = acquired.own(acquireOutput(asked, { caller, watch: events.watch, warn }));
  const launcher = waitingLauncher(caller.launcher, {
    format,
    tell: output.tellCaller,
    gone: () => events.push({ kind: 'signal', signal: 'SIGTERM' }),
  });
  if (launcher !== undefined) alsoTell(launcher.hear);
  if (inherited === undefined)
    say({ event: 'starting', message: `start_server (pid:${process.pid}) starting now...` });
  lookFirst(asked);
  const pidFile = acquired.own(await acquirePidFile(asked));
  const resolved = await Promise.race([resolveNames(asked), events.toldToEnd]);
  if (typeof resolved === 'string') return await endEarly(resolved, { options, log });
  const acquiring = { ...asked, options: resolved };
  const orphaned = acquired.own(await acquireOrphaned(acquiring));
  const sockets = acquired.own(await acquireSockets(acquiring, orphaned));
  const { listeners } = sockets;
  const listening = acquired.own(
    keepListening(listeners, { ...options, blocking: wantsBlocking(options.server), warn }),
  );
  alsoTell(listening.hear);
  if (inherited === undefined) checkStatusFile(options.statusFile);
  const control = acquired.own(
    openControl(pidFile, {
      ...{ events, alsoTell, warn },
      log: options.log,
      inherited: inherited?.control,
      unreachable: listening.unreachable,
      left: () => left.living(),
    }),
  );
  pidFile?.write();
  output.redirect();
  onUsr1 = () => reopenLog(output, log);
  const { statusFile: path } = options;
  const status = acquired.own(path === undefined ? undefined : statusFile(path, warn, orphaned.serve));
  const environment = environmentSource(options, caller, inherited?.envdir);
  const facts = {
    ...attemptFacts(options),
    ...poolFacts(options, inherited),
    isReady: inherited !== undefined,
  };
  const manager = acquired.own(serviceManager(callerAsItIs.environment, facts, inherited?.untold));
  if (manager !== undefined) alsoTell(manager.hear);
  const readiness = acquired.own(
    readying({ options, caller, listeners, events, log, inherited: inherited?.readying }),
  );
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
      launcher?.serving();
    };
    alsoTell(whenServing(options, settle));
  }
  const adopted = inherited?.table.workers ?? orphaned.survivors.workers;
  const orphans = orphanWatch(inherited?.orphans.map(processHandle) ?? orphaned.handles(), events, (pid) =>
    left.died(adopted.find((each) => each.pid === pid) ?? { generation: 0, pid }),
  );
  const note = acquired.own(
    workerNote({
      place: options,
      listeners,
      workers: adopted,
      lives: (pid) => events.isOurs(pid) || orphans.watches(pid),
      stays: orphaned.serve,
      warn,
    }),
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
  const host = realHost({ ...possessions, ...readiness, options, listening, upgrade, status, note, log });
  if (inherited !== undefined) await upgraded(inherited, log);
  setTimeout(releaseProgramPages, STARTED_MS);
  acquired.workersMayLive = true;
  const outcome = await run(host, upgrade, { table: inherited?.table, survivors: orphaned.survivors });
  left.report();
  acquired.workersMayLive = false;
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
