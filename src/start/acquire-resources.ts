// A superdaemon's resources: its log, pid file and sockets, in the reference's order. Behind it the caller's standard error is the
// log's, and everybody can see who is there.

import type { ControlSocket } from '../control/control-socket.ts';
import { openControl } from '../control/open-control.ts';
import { type StatusSource, type StatusWorld, statusSource } from '../control/status-source.ts';
import { checkStatusFile } from '../files/check-files.ts';
import type { Output } from '../files/output.ts';
import type { PidFile } from '../files/pid-file.ts';
import { reopenLog } from '../host/reopen-log.ts';
import { isatty } from '../posix/libc/libc.ts';
import { slotSpecs } from '../sockets/worker-ports.ts';
import { acquireOutput, acquirePidFile, resolveNames } from './acquire.ts';
import type { Acquired } from './acquired.ts';
import { onlyEarlier, socketsOf } from './earlier-sockets.ts';
import { endEarly } from './end-early.ts';
import { type Launcher, waitingLauncher } from './launcher.ts';
import { lookFirst } from './look-first.ts';
import { openMetricsFile } from './open-metrics-file.ts';
import { type OpenSockets, openSockets } from './open-sockets.ts';
import type { Prepared } from './prepare.ts';
import { type Leavings, watchLeavings } from './watch-leavings.ts';

export interface Resources extends OpenSockets, Leavings {
  readonly output: Output;
  /** Who waits for us to serve, with --daemonize. */
  readonly launcher: Launcher | undefined;
  readonly pidFile: PidFile | undefined;
  readonly control: ControlSocket | undefined;
  readonly statusSource: StatusSource;
}

/** undefined: it was told to end meanwhile. Throws StartupError. */
export async function acquireResources(
  acquired: Acquired,
  prepared: Prepared,
): Promise<Resources | undefined> {
  const { options, caller, activated, stored, inherited, events, subscribe, warn, say } = prepared;
  const asked = {
    ...{ options, caller, activated, stored, inherited, specsOf: slotSpecs(options.workerPorts) },
    say: (message: string) => say({ event: 'set-up', message }),
  };
  const output = acquired.own(acquireOutput(asked, { caller, watch: events.watch, warn }));
  const launcher = acquired.own(listenToLauncher(prepared, output));
  if (inherited === undefined)
    say({ event: 'starting', message: `start_server (pid:${process.pid}) starting now...` });
  await lookFirst(asked);
  const pidFile = acquired.own(await acquirePidFile(asked));
  const resolved = await events.orStop(resolveNames(asked));
  if (typeof resolved === 'string') {
    await endEarly(resolved, prepared);
    return undefined;
  }
  const acquiring = { ...asked, options: resolved };
  const opened = await openSockets(acquired, prepared, acquiring);
  const { orphaned, earlier, all, listening } = opened;
  if (inherited === undefined) checkStatusFile(options.statusFile);
  const listeners = () => [...all(), ...socketsOf(earlier)];
  const leavings = watchLeavings(prepared, { listeners, orphaned, earlier });
  const { left, trees } = leavings;
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
  const owners = { output, launcher, pidFile, ...leavings, control };
  return { ...opened, ...owners, statusSource: status };
}

const STDERR = 2;

function listenToLauncher({ caller, events, format, options }: Prepared, output: Output) {
  if (caller.launcher === undefined) return undefined;
  return waitingLauncher(caller.launcher, {
    ...{ workers: options.workers, format, tell: output.tellCaller },
    // A line that moves is no JSON.
    onTerminal: options.logFormat === 'text' && isatty(STDERR) === 1,
    gone: () => events.push({ kind: 'forsaken' }),
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
