// Where clients ask for a deploy and are told how it goes. It is an extra: without it they use HUP and the status file, so
// nothing here ever stops the superdaemon. It has no file: nothing is left on the disk, however we end.

import { closeQuietly, moveUp } from '../posix/file/descriptor.ts';
import { bind, fcntl, listen, socket } from '../posix/libc/libc.ts';
import { platform } from '../posix/libc/platform.ts';
import { randomHex } from '../posix/libc/random.ts';
import { peerOf } from '../posix/socket/peer.ts';
import { abstractAddress } from '../posix/socket/sockaddr.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { acceptor } from './accept.ts';
import { type Client, type ControlOptions, type InheritedClient, serve } from './client.ts';

export interface ControlSocket extends Disposable {
  /** Tells all clients that listen. */
  publish(event: LogEvent, at: number): void;
  /** For the successor. */
  forSuccessor(): InheritedControl;
}

export interface InheritedControl {
  readonly fd: number;
  /** The number of the last client. */
  readonly requests: number;
  readonly clients: readonly InheritedClient[];
}

const MOST_CLIENTS = 64;

/** Throws SystemError. */
export function openControlSocket(prefix: string, options: ControlOptions): ControlSocket {
  const fd = listenAt(`${prefix}/${randomHex(8)}`);
  return inheritControlSocket({ fd, requests: 0, clients: [] }, options);
}

export function inheritControlSocket(
  { fd, requests: given, clients: inherited }: InheritedControl,
  options: ControlOptions,
): ControlSocket {
  const clients = new Set<Client>();
  let requests = given;
  const add = (from: InheritedClient) => {
    const client = serve(from, options);
    clients.add(client);
    client.onClose = () => {
      clients.delete(client);
      door.resume();
    };
  };
  const door = acceptor(fd, {
    hasRoom: () => clients.size < MOST_CLIENTS,
    admit: (connection) => {
      if (!isWelcome(connection)) return false;
      requests += 1;
      add({ fd: connection, number: requests, stage: 'asking', received: '', unsent: '', feed: undefined });
      return true;
    },
  });
  for (const each of inherited) add(each);
  return {
    publish: (event, at) => {
      for (const client of clients) client.tell(event, at);
    },
    forSuccessor: () => ({ fd, requests, clients: Array.from(clients, (client) => client.forSuccessor()) }),
    [Symbol.dispose]: () => {
      for (const client of clients) client.close();
      door[Symbol.dispose]();
      closeQuietly(fd);
    },
  };
}

function listenAt(name: string): number {
  const fd = moveUp(socket(platform.AF_UNIX, platform.SOCK_STREAM, 0));
  try {
    fcntl(fd, platform.F_SETFL, platform.O_NONBLOCK);
    const address = abstractAddress(name);
    bind(fd, address, address.length);
    listen(fd, MOST_CLIENTS);
    return fd;
  } catch (error) {
    closeQuietly(fd);
    throw error;
  }
}

/** Whoever may signal us may ask us. */
function isWelcome(connection: number): boolean {
  try {
    const { uid } = peerOf(connection);
    return uid === 0 || uid === process.geteuid?.();
  } catch {
    return false;
  }
}
