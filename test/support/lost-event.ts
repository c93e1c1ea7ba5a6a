// Node's event loop may lose a connection: established in the kernel, and in no epoll set of the process (seen with Node 20 in
// a process that connects and spawns a lot). Its request is never sent, and a server that takes one connection at a time waits
// for it. That is the client's fault, and says nothing about the server.

import { readFileSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';

const PATIENCE_MS = 3000;

/** Calls back when Node has not told of a connection for seconds that the kernel has established. Returns what ends the watch. */
export function whenEventIsLost(socket: Socket, lost: () => void): () => void {
  const timer = setTimeout(() => {
    if (socket.connecting && isEstablished(socket)) lost();
  }, PATIENCE_MS);
  return () => clearTimeout(timer);
}

function isEstablished(socket: Socket): boolean {
  const { fd = -1 } = (socket as unknown as { readonly _handle?: { readonly fd?: number } })._handle ?? {};
  try {
    const [, inode = ''] = /\[(\d+)\]/.exec(readlinkSync(`/proc/self/fd/${fd}`)) ?? [];
    return isTcpEstablished(inode) || isUnixConnected(inode);
  } catch {
    return false;
  }
}

function isTcpEstablished(inode: string): boolean {
  return rows('/proc/net/tcp').some((fields) => fields[9] === inode && fields[3] === '01');
}

function isUnixConnected(inode: string): boolean {
  return rows('/proc/net/unix').some((fields) => fields[6] === inode && fields[5] === '03');
}

function rows(table: string): string[][] {
  const lines = readFileSync(table, 'latin1').split('\n');
  return lines.map((line) => line.trim().split(/\s+/));
}
