// A superdaemon's resources: its log, pid file and sockets, in the reference's order. Behind it the caller's standard error is the
// log's, and everybody can see who is there.

import type { ControlSocket } from '../control/control-socket.ts';
import { openControl } from '../control/open-control.ts';
import { type StatusSource, type StatusWorld, statusSource } from '../control/status-source.ts';
import { checkStatusFile } from '../files/check-files.ts';
import type { Output } from '../files/output.ts';
import type { PidFile } from '../files/pid-file.ts';
import type { EarlierConfigurations } from '../host/earlier-configurations.ts';
import { reopenLog } from '../host/reopen-log.ts';
import { isatty } from '../posix/libc/libc.ts';
import type { Recovered } from '../recovery/recovered.ts';
import { type KeepListening, keepListening } from '../sockets/keep-listening.ts';
import type { Listener, ListenersNow } from '../sockets/listener.ts';
import { slotSpecs, type WorkerPorts } from '../sockets/worker-ports.ts';
import type { LeftBehind } from '../workers/left-behind.ts';
import { wantsBlocking } from '../workers/server-adapter.ts';
import type { WorkerTrees } from '../workers/worker-trees.ts';
import {
  acquireOrphaned,
  acquireOutput,
  acquirePidFile,
  acquireSockets,
  acquireWorkerPorts,
  resolveNames,
} from './acquire.ts';
import { acquireEarlier } from './acquire-earlier.ts';
import type { Acquired } from './acquired.ts';
import { onlyEarlier, portsOf, socketsOf } from './earlier-sockets.ts';
import { endEarly } from './end-early.ts';
import { type Launcher, waitingLauncher } from './launcher.ts';
import { lookFirst } from './look-first.ts';
import { openMetricsFile } from './open-metrics-file.ts';
import type { Prepared } from './prepare.ts';
import { watchLeavings } from './watch-leavings.ts';

export interface Resources {
  readonly output: Output;
  /** Who waits for us to serve, with --daemonize. */
  readonly launcher: Launcher | undefined;
  readonly pidFile: PidFile | undefined;
  readonly orphaned: Recovered;
  readonly listeners: readonly Listener[];
  readonly listening: KeepListening;
  /** For those who go by a command line before ours. */
  readonly earlier: EarlierConfigurations;
  /** What each worker has for itself, and at which descriptors it finds it. */
  readonly workerPorts: WorkerPorts;
  readonly ownNumbers: readonly number[];
  readonly left: LeftBehind;
  /** With --kill-tree. */
  readonly trees: WorkerTrees | undefined;
  readonly control: ControlSocket | undefined;
  readonly statusSource: StatusSource;
}

/** undefined: it was told to end meanwhile. Throws StartupError. */
export async function acquireResources(
  acquired: Acquired,
  prepared: Prepared,
): Promise<Resources | undefined> {
  const { options, caller, activated, inherited, events, subscribe, warn, say } = prepared;
  const asked = {
    ...{ options, caller, activated, inherited, specsOf: slotSpecs(options.workerPorts) },
    say: (message: string) => say({ event: 'set-up', message }),
  };
  const output = acquired.own(acquireOutput(asked, { caller, watch: events.watch, warn }));
  const launcher = acquired.own(listenToLauncher(prepared, output));
  if (inherited === undefined)
    say({ event: 'starting', message: `start_server (pid:${process.pid}) starting now...` });
  await lookFirst(asked);
  const pidFile = acquired.own(await acquirePidFile(asked));
  const resolved = await Promise.race([resolveNames(asked), events.stopSignal]);
  if (typeof resolved === 'string') {
    await endEarly(resolved, prepared);
    return undefined;
  }
  const acquiring = { ...asked, options: resolved };
  const orphaned = acquired.own(await acquireOrphaned(acquiring));
  const sockets = acquired.own(await acquireSockets(acquiring, orphaned));
  const { listeners, ownNumbers } = sockets;
  const earlier: EarlierConfigurations = acquired.own(acquireEarlier(prepared, () => workerPorts.all()));
  const found = { ...orphaned, ...(inherited && portsOf(earlier)) };
  const workerPorts: WorkerPorts = acquired.own(acquireWorkerPorts(acquiring, found, sockets));
  subscribe(workerPorts.onEvent);
  const all = withPorts(listeners, workerPorts);
  const blocking = wantsBlocking(options.server);
  const listening = acquired.own(keepListening(all, { ...options, blocking, warn }));
  subscribe(listening.onEvent);
  if (inherited === undefined) checkStatusFile(options.statusFile);
  const { left, trees } = watchLeavings(prepared, () => [...all(), ...socketsOf(earlier)], orphaned);
  const seen = { listeners: all, earlierListeners: () => onlyEarlier(earlier, all()) };
  const sources = { ...seen, unreachable: listening.unreachable, left: left.living, going: trees?.living };
  const status = observeStatus(prepared, sources);
  const control = acquired.own(
    openControl(pidFile, { events, subscribe, warn, status, inherited: inherited?.control }),
  );
  acquired.own(await openMetricsFile(prepared, status));
  pidFile?.write();
  output.redirect();
  prepared.onUsr1(() => reopenLog(output, prepared.log));
  const owners = { output, launcher, pidFile, orphaned, listeners, listening, earlier, left, trees, control };
  return { ...owners, statusSource: status, workerPorts, ownNumbers };
}

/** The ports of the workers come and go. */
function withPorts(listeners: readonly Listener[], ports: WorkerPorts): ListenersNow {
  let own = ports.all();
  let all = [...listeners, ...own];
  return () => {
    if (ports.all() === own) return all;
    own = ports.all();
    all = [...listeners, ...own];
    return all;
  };
}

const STDERR = 2;

function listenToLauncher({ caller, events, format, options }: Prepared, output: Output) {
  return waitingLauncher(caller.launcher, {
    ...{ workers: options.workers, format, tell: output.tellCaller },
    // A line that moves is no JSON.
    onTerminal: options.logFormat === 'text' && isatty(STDERR) === 1,
    gone: () => events.push({ kind: 'signal', signal: 'SIGTERM' }),
  });
}

function observeStatus(
  { options, events, subscribe, hooks, inherited }: Prepared,
  sources: Pick<StatusWorld, 'listeners' | 'earlierListeners' | 'unreachable' | 'left' | 'going'>,
): StatusSource {
  const { now } = events;
  const observed = { ...sources, hooks: hooks?.report };
  return statusSource({ ...observed, now, subscribe, log: options.log, inherited: inherited?.status });
}
