// The connections of a server, for the day on which it retires: Node tells of them only as they come.

import type { ServerResponse } from 'node:http';
import type { Http2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';

export interface Connections {
  /** TCP and Unix connections, those below TLS and those that were upgraded, too. */
  readonly sockets: ReadonlySet<Socket>;
  /** TLS connections, each above one of those. */
  readonly secured: ReadonlySet<Socket>;
  readonly sessions: ReadonlySet<Http2Session>;
}

const KEY = Symbol.for('superdaemon.connections');
/** One for the library and the preload, each of which is bundled by itself, the preload in parts. */
const shared = globalThis as { [KEY]?: WeakMap<Server, Connections> }; // What TypeScript cannot know of.
shared[KEY] ??= new WeakMap();
const known = shared[KEY];

/** Those that have come since it was asked for the first time, and still are there. */
export function connectionsOf(server: Server): Connections {
  const before = known.get(server);
  if (before !== undefined) return before;
  const [sockets, secured, sessions] = [new Set<Socket>(), new Set<Socket>(), new Set<Http2Session>()];
  server.on('connection', (socket: Socket) => keep(sockets, socket));
  server.on('secureConnection', (socket: Socket) => keep(secured, socket));
  server.on('session', (session: Http2Session) => keep(sessions, session));
  const connections = { sockets, secured, sessions };
  known.set(server, connections);
  return connections;
}

/** That is being given there by http, where Node keeps it. */
export function answerOn(socket: Socket | Http2Session): ServerResponse | undefined {
  return (socket as Socket & { readonly _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;
}

/** Another request has come behind the one of this answer. */
export function isAskedOn(socket: Socket, { req }: ServerResponse): boolean {
  const { parser } = socket as Socket & { readonly parser?: { readonly incoming?: unknown } | null };
  return Boolean(parser?.incoming) && parser?.incoming !== req;
}

function keep<T extends Socket | Http2Session>(set: Set<T>, connection: T): void {
  set.add(connection);
  connection.once('close', () => set.delete(connection));
}
