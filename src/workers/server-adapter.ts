// Servers that look for inherited sockets in a variable of their own: what each expects, read off its source. The
// versions are those that the tests in test/peers run.

import { StartupError } from '../startup-error.ts';
import { FIRST_NUMBER } from './node-adapter.ts';
import type { Readiness } from './readiness.ts';

export interface AdaptedSocket {
  readonly spec: { readonly kind: 'tcp' | 'udp' | 'unix' };
  readonly name: string;
  /** The worker's descriptor. */
  readonly to: number;
}

interface Adapter {
  /** Our pid is the parent's of a server that is executed directly. */
  readonly variables: (sockets: readonly AdaptedSocket[], ourPid: number) => [name: string, value: string][];
  /** It takes the same sockets by LISTEN_FDS, and would take them twice if it were told in both ways. */
  readonly knowsListenFds: boolean;
  readonly takesDatagrams?: true;
  /** It expects its sockets as a server of its kind leaves them: non-blocking. */
  readonly nonBlocking?: true;
  /** The lowest number for what the worker inherits; 3 for others. */
  readonly firstNumber?: number;
  /** Where no option says otherwise. */
  readonly readiness?: Readiness;
}

const adapters = {
  // 6.0, http_server.rb, inherit_listeners!.
  unicorn: { knowsListenFds: true, variables: (sockets) => [['UNICORN_FD', numbers(sockets).join(',')]] },
  // 20.1, arbiter.py: GUNICORN_FD counts only beside GUNICORN_PID. As long as that is its parent's pid, a server is
  // sitting beside it, and it leaves the files of its Unix sockets alone when it goes; otherwise it removes them.
  gunicorn: {
    knowsListenFds: true,
    variables: (sockets, ourPid) => [
      ['GUNICORN_PID', String(ourPid)],
      ['GUNICORN_FD', numbers(sockets).join(',')],
    ],
  },
  // 5.6, binder.rb: each is for the `bind` of exactly that text.
  puma: {
    knowsListenFds: true,
    variables: (sockets) =>
      sockets.map((socket, index) => [`PUMA_INHERIT_${index}`, `${socket.to}:${pumaUrl(socket)}`]),
  },
  // 0.17, main.py: the variable of its --fd, which takes one.
  uvicorn: { knowsListenFds: false, variables: (sockets) => [['UVICORN_FD', String(onlyNumber(sockets))]] },
  // 1.22, nginx.c, ngx_add_inherited_sockets: each is for the `listen` of its address. ngx_connection.c leaves
  // O_NONBLOCK as it is, and a process that loses the race for a connection would hang in accept(2) until the next one.
  nginx: {
    knowsListenFds: false,
    takesDatagrams: true,
    nonBlocking: true,
    variables: (sockets) => [['NGINX', numbers(sockets).join(';').concat(';')]],
  },
  // Its variables depend on those that it would have anyway: node-adapter.ts.
  node: {
    knowsListenFds: false,
    firstNumber: FIRST_NUMBER,
    readiness: { kind: 'notify' },
    variables: () => [],
  },
} as const satisfies Record<string, Adapter>;

export type ServerName = keyof typeof adapters;

export const serverNames: readonly string[] = Object.keys(adapters);

export function parseServer(text: string): ServerName {
  if (Object.hasOwn(adapters, text)) return text as ServerName; // hasOwn does not narrow.
  throw new StartupError(`--as=${text}: not one of ${serverNames.join(', ')}`);
}

export interface Adaptation {
  readonly server: ServerName;
  readonly ourPid: number;
  /** LISTEN_FDS is handed over, too. */
  readonly listenFds: boolean;
}

/** The variables that this server expects beside SERVER_STARTER_PORT. Throws StartupError when it cannot take them. */
export function adaptedVariables(
  sockets: readonly AdaptedSocket[],
  { server, ourPid, listenFds }: Adaptation,
): ReadonlyMap<string, string> {
  const adapter: Adapter = adapters[server];
  const taken = sockets.filter(({ spec }) => adapter.takesDatagrams || spec.kind !== 'udp');
  if (taken.length === 0 || (listenFds && adapter.knowsListenFds)) return new Map();
  return new Map(adapter.variables(taken, ourPid));
}

export function wantsBlocking(server: ServerName | undefined): boolean {
  const adapter: Adapter | undefined = server && adapters[server];
  return !adapter?.nonBlocking;
}

export function firstNumber(server: ServerName | undefined): number {
  const adapter: Adapter | undefined = server && adapters[server];
  return adapter?.firstNumber ?? 3;
}

/** When a worker counts as started, where no option says so. */
export function usualReadiness(server: ServerName | undefined): Readiness {
  const adapter: Adapter | undefined = server && adapters[server];
  return adapter?.readiness ?? { kind: 'interval' };
}

function numbers(sockets: readonly AdaptedSocket[]): number[] {
  return sockets.map(({ to }) => to);
}

function pumaUrl({ spec, name }: AdaptedSocket): string {
  if (spec.kind === 'unix') return `unix://${name}`;
  return `tcp://${name.includes(':') ? name : `0.0.0.0:${name}`}`;
}

function onlyNumber([first, ...others]: readonly AdaptedSocket[]): number | undefined {
  if (others.length === 0) return first?.to;
  throw new StartupError(`--as=uvicorn: it takes one socket, but there are ${others.length + 1}`);
}
