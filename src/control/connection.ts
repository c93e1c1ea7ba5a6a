// A client's end of the control socket.

import { Socket } from 'node:net';
import { closeQuietly } from '../posix/descriptor.ts';
import { connect, fcntl, socket as openSocket } from '../posix/libc.ts';
import { peerOf } from '../posix/peer.ts';
import { platform } from '../posix/platform.ts';
import { abstractAddress } from '../posix/sockaddr.ts';
import type { Scaling } from '../superdaemon/host.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { controlName, type Hello, PROTOCOL, parseEvent, parseHello, type Request } from './protocol.ts';

export interface Connection extends Disposable {
  readonly hello: Hello;
  /** Ends when the superdaemon hangs up. */
  readonly events: AsyncIterator<LogEvent>;
}

/** The superdaemon that is to answer. */
export interface Running {
  readonly pid: number;
  readonly pidFileIdentity: string;
}

/** A superdaemon that does not answer within this is asked by signals. */
const PATIENCE_MS = 2000;

/** undefined when nobody who speaks our protocol answers there: the reference, another version of ours, nobody. */
export async function connectControl(
  { pid, pidFileIdentity }: Running,
  request: Request['request'],
  scaling?: Scaling,
): Promise<Connection | undefined> {
  const fd = connectTo(controlName(pidFileIdentity), pid);
  if (fd === undefined) return undefined;
  const socket = new Socket({ fd, readable: true, writable: true });
  const hangUp = () => void socket.destroy();
  socket.setEncoding('utf8');
  socket.setTimeout(PATIENCE_MS, hangUp);
  socket.write(`${JSON.stringify({ protocol: PROTOCOL, request, scaling } satisfies Request)}\n`);
  const lines = linesOf(socket);
  const first = await lines.next();
  const hello = first.done ? undefined : parseHello(first.value);
  socket.setTimeout(0);
  if (hello !== undefined) return { hello, events: eventsOf(lines), [Symbol.dispose]: hangUp };
  hangUp();
  return undefined;
}

/** Only to that process: anybody may have taken the name. */
function connectTo(name: string, pid: number): number | undefined {
  if (!platform.hasAbstractSockets) return undefined;
  const fd = openSocket(platform.AF_UNIX, platform.SOCK_STREAM, 0);
  try {
    // A queue that is full must not hold us up.
    fcntl(fd, platform.F_SETFL, platform.O_NONBLOCK);
    const address = abstractAddress(name);
    connect(fd, address, address.length);
    if (peerOf(fd).pid === pid) return fd;
  } catch {
    // Nobody is there.
  }
  closeQuietly(fd);
  return undefined;
}

async function* linesOf(socket: Socket): AsyncGenerator<string, void> {
  let rest = '';
  try {
    for await (const chunk of socket) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch {
    // However it ended, nothing more comes.
  }
}

async function* eventsOf(lines: AsyncIterator<string, void>): AsyncGenerator<LogEvent, void> {
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const event = parseEvent(line.value);
    if (event !== undefined) yield event;
  }
}
