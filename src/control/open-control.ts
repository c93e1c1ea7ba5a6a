import type { PidFile } from '../files/pid-file.ts';
import { platform } from '../posix/libc/platform.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { Event } from '../superdaemon/host.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import type { ControlOptions } from './client.ts';
import {
  type ControlSocket,
  type InheritedControl,
  inheritControlSocket,
  openControlSocket,
} from './control-socket.ts';
import { controlPrefix } from './protocol.ts';
import type { StatusSource } from './status-source.ts';

interface ControlWorld {
  readonly events: { readonly push: (event: Event) => void };
  readonly subscribe: (subscriber: (event: LogEvent, at: number) => void) => void;
  readonly warn: (message: string) => void;
  readonly status: StatusSource;
  readonly inherited: InheritedControl | undefined;
}

/** Opens the control socket that belongs to the pid file. Where it cannot be made, clients go by HUP and the status file. */
export function openControl(pidFile: PidFile | undefined, world: ControlWorld): ControlSocket | undefined {
  if (pidFile === undefined || !platform.hasAbstractSockets) return undefined;
  const socket = openSocket(pidFile, world);
  if (socket !== undefined) world.subscribe(socket.publish);
  return socket;
}

function openSocket(pidFile: PidFile, { events, warn, status, inherited }: ControlWorld) {
  const options: ControlOptions = {
    hello: status.hello,
    unchanged: status.unchanged,
    deploy: (request) => events.push({ kind: 'request', request }),
    scale: (request, scaling) => events.push({ kind: 'scale', request, scaling }),
    cancel: (request) => events.push({ kind: 'cancel', request }),
    reconfigure: (request, commandLine) => events.push({ kind: 'reconfigure', request, ...commandLine }),
    upgrade: () => events.push({ kind: 'signal', signal: 'SIGUSR2' }),
  };
  try {
    if (inherited !== undefined) return inheritControlSocket(inherited, options);
    return openControlSocket(controlPrefix(pidFile.identity), options);
  } catch (error) {
    warn(`no control socket, clients will go by signals: ${reason(error)}`);
    return undefined;
  }
}
