// Where clients ask for a deploy and hear how it goes. It is an extra: without it they use HUP and the status file, so
// nothing here ever stops the superdaemon. It has no file: nothing is left on the disk, however we end.

import { closeQuietly, duplicate, setCloseOnExec } from '../posix/descriptor.ts';
import { accept, bind, fcntl, listen, socket, whenReadable } from '../posix/libc.ts';
import { peerOf } from '../posix/peer.ts';
import { platform } from '../posix/platform.ts';
import { abstractAddress } from '../posix/sockaddr.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { type Client, type ControlOptions, type InheritedClient, serve } from './client.ts';

export interface ControlSocket extends Disposable {
  /** Tells all clients that listen. */
  publish(event: LogEvent): void;
  /** For a program that takes over. */
  handOver(): InheritedControl;
}

export interface InheritedControl {
  readonly fd: number;
  /** The number of the last client. */
  readonly requests: number;
  readonly clients: readonly InheritedClient[];
}

const MOST_CLIENTS = 64;

/** Throws SystemError. The caller holds the pid file's lock, so that the name is its own. */
export function openControlSocket(name: string, options: ControlOptions): ControlSocket {
  return inheritControlSocket({ fd: listenAt(name), requests: 0, clients: [] }, options);
}

export function inheritControlSocket(
  { fd, requests: given, clients: inherited }: InheritedControl,
  options: ControlOptions,
): ControlSocket {
  const clients = new Set<Client>();
  const add = (client: Client) => {
    clients.add(client);
    client.onClose = () => void clients.delete(client);
  };
  for (const each of inherited) add(serve(each, options));
  let requests = given;
  const reading = whenReadable(fd, () => {
    const connection = acceptNow(fd);
    if (connection === undefined) return;
    if (clients.size >= MOST_CLIENTS || !isWelcome(connection)) return closeQuietly(connection);
    requests += 1;
    add(serve({ fd: connection, number: requests, heard: '', listens: false }, options));
  });
  return {
    publish: (event) => {
      for (const client of clients) if (client.listens) client.tell(event);
    },
    handOver: () => ({ fd, requests, clients: Array.from(clients, (client) => client.handOver()) }),
    [Symbol.dispose]: () => {
      for (const client of clients) client.close();
      reading[Symbol.dispose]();
      closeQuietly(fd);
    },
  };
}

function listenAt(name: string): number {
  const original = socket(platform.AF_UNIX, platform.SOCK_STREAM, 0);
  const fd = duplicate(original, 3);
  closeQuietly(original);
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

function acceptNow(fd: number): number | undefined {
  try {
    const connection = accept(fd, null, null);
    setCloseOnExec(connection);
    fcntl(connection, platform.F_SETFL, platform.O_NONBLOCK);
    return connection;
  } catch {
    // It is gone again, or we are out of descriptors.
    return undefined;
  }
}

/** Whoever may signal us may ask us. */
function isWelcome(connection: number): boolean {
  const { uid } = peerOf(connection);
  return uid === 0 || uid === process.geteuid?.();
}
