// How a worker hears of its sockets: SERVER_STARTER_PORT, and what else was asked for.

import type { Environment } from '../posix/process/caller.ts';
import type { SignalName } from '../posix/process/signals.ts';
import { serverStarterPort } from '../sockets/fd-table.ts';
import type { Listener } from '../sockets/listener.ts';
import { listenFdsVariables } from './listen-fds.ts';
import { nodeVariables, preloadFile } from './node-adapter.ts';
import { adaptedVariables, type ServerName } from './server-adapter.ts';
import { type Spare, spareVariables } from './spare-sockets.ts';

export interface Dialects {
  /** LISTEN_FDS and LISTEN_FDNAMES; LISTEN_PID is the spawn's to give. */
  readonly listenFds: boolean;
  readonly server: ServerName | undefined;
  readonly signalOnHup: SignalName;
  readonly signalOnTerm: SignalName;
}

/** Returns what adds them to an environment. Throws StartupError when the server cannot take these sockets. */
export function socketVariables(
  listeners: readonly Listener[],
  { listenFds, server, signalOnHup, signalOnTerm }: Dialects,
  spares: readonly Spare[],
): (environment: Environment) => Environment {
  const sockets = new Map([
    ['SERVER_STARTER_PORT', serverStarterPort(listeners)],
    ...spareVariables(spares),
    ...(listenFds ? listenFdsVariables(listeners) : []),
    ...(server ? adaptedVariables(listeners, { server, listenFds, ourPid: process.pid }) : []),
  ]);
  if (server !== 'node') return (environment) => new Map([...environment, ...sockets]);
  const preload = preloadFile();
  // At its end it sends TERM on INT and QUIT.
  const signals = [signalOnHup, signalOnTerm, 'SIGTERM'] as const;
  return (environment) =>
    new Map([...environment, ...sockets, ...nodeVariables(listeners, { environment, signals, preload })]);
}
