import packageJson from '../../package.json' with { type: 'json' };
import type { ControlOptions } from '../control/client.ts';
import { type InheritedControl, inheritControlSocket, openControlSocket } from '../control/control-socket.ts';
import { controlName, PROTOCOL } from '../control/protocol.ts';
import { type Roster, type Row, roster } from '../control/roster.ts';
import type { PidFile } from '../files/pid-file.ts';
import { platform } from '../posix/platform.ts';
import { reason } from '../posix/system-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import type { EventQueue } from '../workers/event-queue.ts';

interface ControlWorld {
  readonly events: EventQueue;
  readonly alsoTell: (hear: (event: LogEvent) => void) => void;
  readonly warn: (message: string) => void;
  readonly inherited: InheritedControlling | undefined;
  readonly unreachable: () => readonly string[];
}

/** Clients, and those whom they are told of. */
export interface Controlling extends Disposable {
  /** For a program that takes over. */
  handOver(): InheritedControlling;
}

export interface InheritedControlling {
  readonly socket: InheritedControl | undefined;
  readonly workers: readonly Row[];
}

/** Opens the control socket that belongs to the pid file. Where it cannot be made, clients go by HUP and the status file. */
export function openControl(pidFile: PidFile | undefined, world: ControlWorld): Controlling | undefined {
  if (pidFile === undefined || !platform.hasAbstractSockets) return undefined;
  const { events, alsoTell, inherited } = world;
  const living = roster(events.now, inherited?.workers);
  alsoTell(living.take);
  const socket = openSocket(pidFile, living, world);
  if (socket !== undefined) alsoTell(socket.publish);
  return {
    handOver: () => ({ socket: socket?.handOver(), workers: living.handOver() }),
    [Symbol.dispose]: () => socket?.[Symbol.dispose](),
  };
}

function openSocket(pidFile: PidFile, living: Roster, world: ControlWorld) {
  const { events, warn, inherited, unreachable } = world;
  const options: ControlOptions = {
    hello: (request) => ({
      protocol: PROTOCOL,
      version: packageJson.version,
      pid: process.pid,
      request,
      workers: living.workers(),
      unreachable: unreachable(),
    }),
    deploy: (request) => events.push({ kind: 'request', request }),
    scale: (request, scaling) => events.push({ kind: 'scale', request, scaling }),
    upgrade: () => events.push({ kind: 'signal', signal: 'SIGUSR2' }),
  };
  try {
    if (inherited?.socket !== undefined) return inheritControlSocket(inherited.socket, options);
    return openControlSocket(controlName(pidFile.identity), options);
  } catch (error) {
    warn(`no control socket, clients will go by signals: ${reason(error)}`);
    return undefined;
  }
}
