import packageJson from '../../package.json' with { type: 'json' };
import type { LogTarget } from '../files/output.ts';
import type { PidFile } from '../files/pid-file.ts';
import { platform } from '../posix/libc/platform.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { Event, Host } from '../superdaemon/host.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import type { ControlOptions } from './client.ts';
import { type InheritedControl, inheritControlSocket, openControlSocket } from './control-socket.ts';
import { type Failure, type LastFailure, lastFailure } from './last-failure.ts';
import { logPlace } from './log-place.ts';
import { controlPrefix, type Hello, type LeftReport, PROTOCOL } from './protocol.ts';
import { type Row, type WorkerList, workerList } from './worker-list.ts';

interface ControlWorld {
  readonly events: Pick<Host, 'now'> & { readonly push: (event: Event) => void };
  readonly subscribe: (subscriber: (event: LogEvent) => void) => void;
  readonly warn: (message: string) => void;
  readonly log: LogTarget;
  readonly inherited: InheritedControlling | undefined;
  readonly unreachable: () => readonly string[];
  readonly left: () => readonly LeftReport[];
}

/** Clients, and those whom they are told of. */
export interface Controlling extends Disposable {
  /** For the successor. */
  forSuccessor(): InheritedControlling;
}

export interface InheritedControlling {
  readonly socket: InheritedControl | undefined;
  readonly workers: readonly Row[];
  readonly failure: Failure | undefined;
}

/** What clients are told of, as it stands. */
interface Known {
  readonly living: WorkerList;
  readonly failure: LastFailure;
  readonly unreachable: () => readonly string[];
}

/** Opens the control socket that belongs to the pid file. Where it cannot be made, clients go by HUP and the status file. */
export function openControl(pidFile: PidFile | undefined, world: ControlWorld): Controlling | undefined {
  if (pidFile === undefined || !platform.hasAbstractSockets) return undefined;
  const { events, subscribe, inherited } = world;
  const living = workerList(events.now, inherited?.workers);
  const isLeaving = (pid: number) => living.phaseOf(pid) === 'leaving';
  const failure = lastFailure({ now: events.now, isLeaving }, inherited?.failure);
  subscribe(failure.take);
  subscribe(living.take);
  const socket = openSocket(pidFile, { living, failure, unreachable: world.unreachable }, world);
  if (socket !== undefined) subscribe(socket.publish);
  return {
    forSuccessor: () => ({
      socket: socket?.forSuccessor(),
      workers: living.forSuccessor(),
      failure: failure.forSuccessor(),
    }),
    [Symbol.dispose]: () => socket?.[Symbol.dispose](),
  };
}

function openSocket(pidFile: PidFile, known: Known, world: ControlWorld) {
  const { events, warn, log, inherited } = world;
  const options: ControlOptions = {
    hello: (request, kind) => ({
      protocol: PROTOCOL,
      version: packageJson.version,
      pid: process.pid,
      request,
      log: logPlace(log),
      left: world.left(),
      ...(kind === 'status' ? statusOf(known) : { workers: [] }),
    }),
    deploy: (request) => events.push({ kind: 'request', request }),
    scale: (request, scaling) => events.push({ kind: 'scale', request, scaling }),
    cancel: (request) => events.push({ kind: 'cancel', request }),
    upgrade: () => events.push({ kind: 'signal', signal: 'SIGUSR2' }),
  };
  try {
    if (inherited?.socket !== undefined) return inheritControlSocket(inherited.socket, options);
    return openControlSocket(controlPrefix(pidFile.identity), options);
  } catch (error) {
    warn(`no control socket, clients will go by signals: ${reason(error)}`);
    return undefined;
  }
}

function statusOf({
  living,
  failure,
  unreachable,
}: Known): Pick<Hello, 'workers' | 'failure' | 'unreachable'> {
  return { workers: living.workers(), failure: failure.report(), unreachable: unreachable() };
}
