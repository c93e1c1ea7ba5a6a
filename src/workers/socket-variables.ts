// How a worker hears of its sockets: SERVER_STARTER_PORT, and what else was asked for.

import type { Environment } from '../posix/process/caller.ts';
import { serverStarterPort } from '../sockets/fd-table.ts';
import type { Listener } from '../sockets/listener.ts';
import { listenFdsVariables } from './listen-fds.ts';
import { adaptedVariables, type ServerName } from './server-adapter.ts';

export interface Dialects {
  /** LISTEN_FDS and LISTEN_FDNAMES; LISTEN_PID is the spawn's to give. */
  readonly listenFds: boolean;
  readonly server: ServerName | undefined;
}

/** Throws StartupError when the server cannot take these sockets. */
export function socketVariables(
  listeners: readonly Listener[],
  { listenFds, server }: Dialects,
): Environment {
  return new Map([
    ['SERVER_STARTER_PORT', serverStarterPort(listeners)],
    ...(listenFds ? listenFdsVariables(listeners) : []),
    ...(server ? adaptedVariables(listeners, { server, listenFds, ourPid: process.pid }) : []),
  ]);
}
