import packageJson from '../../package.json' with { type: 'json' };
import { openControlSocket } from '../control/control-socket.ts';
import { controlName, PROTOCOL } from '../control/protocol.ts';
import { roster } from '../control/roster.ts';
import type { PidFile } from '../files/pid-file.ts';
import { platform } from '../posix/platform.ts';
import { reason } from '../posix/system-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import type { EventQueue } from '../workers/event-queue.ts';

interface ControlWorld {
  readonly events: EventQueue;
  readonly alsoTell: (hear: (event: LogEvent) => void) => void;
  readonly warn: (message: string) => void;
}

/** Opens the control socket that belongs to the pid file. Where it cannot be made, clients go by HUP and the status file. */
export function openControl(pidFile: PidFile | undefined, world: ControlWorld): Disposable | undefined {
  if (pidFile === undefined || !platform.hasAbstractSockets) return undefined;
  const { events, alsoTell, warn } = world;
  const living = roster(events.now);
  alsoTell(living.take);
  try {
    const socket = openControlSocket(controlName(pidFile.identity), {
      hello: (request) => ({
        protocol: PROTOCOL,
        version: packageJson.version,
        pid: process.pid,
        request,
        workers: living.workers(),
      }),
      deploy: (request) => events.push({ kind: 'request', request }),
    });
    alsoTell(socket.publish);
    return socket;
  } catch (error) {
    warn(`no control socket, clients will go by signals: ${reason(error)}`);
    return undefined;
  }
}
