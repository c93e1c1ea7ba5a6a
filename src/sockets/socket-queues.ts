import { tcpQueue } from '../posix/socket/listen-queue.ts';
import { unixQueues } from '../posix/socket/unix-queues.ts';
import type { Listener } from './listener.ts';

export interface SocketQueue {
  /** As SERVER_STARTER_PORT calls it. */
  readonly name: string;
  /** As given. */
  readonly option: string;
  /** Connections that nobody has accepted; undefined for UDP, and where the kernel does not tell. */
  readonly queue: number | undefined;
  /** How many there may be. */
  readonly queueLimit: number | undefined;
  /** Only a command line before ours names it. */
  readonly earlier?: true;
}

/** In the order of the options. It costs a microsecond a socket. */
export function socketQueues(listeners: readonly Listener[]): SocketQueue[] {
  const unix = listeners.filter(({ spec }) => spec.kind === 'unix').map(({ from }) => from);
  const queues = new Map(unixQueues(unix).map((queue, index) => [unix[index], queue]));
  return listeners.map(({ spec: { kind, name, option }, from }) => {
    const queue = kind === 'tcp' ? tcpQueue(from) : queues.get(from);
    return { name, option, queue: queue?.waiting, queueLimit: queue?.limit };
  });
}
