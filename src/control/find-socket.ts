// A client's way to the control socket. Names of that kind can be taken by anybody, and be of somebody dead: whose a socket is
// tell the kernel's lists before we connect, and its word on the peer afterwards.

import { closeQuietly, moveUp } from '../posix/file/descriptor.ts';
import { connect, socket as openSocket } from '../posix/libc/libc.ts';
import { platform } from '../posix/libc/platform.ts';
import { errorCode } from '../posix/libc/system-error.ts';
import { socketsOf } from '../posix/process/open-sockets.ts';
import { isSecretive } from '../posix/process/process-facts.ts';
import { effectiveUserOf } from '../posix/process/process-state.ts';
import { peerOf } from '../posix/socket/peer.ts';
import { abstractAddress } from '../posix/socket/sockaddr.ts';
import { setSendTimeout } from '../posix/socket/socket-option.ts';
import { listeningUnixSockets } from '../sockets/socket-table.ts';
import type { Addressee } from './connection.ts';
import { controlPrefix } from './protocol.ts';

/** How long one look waits for room in a queue: those who wait there are served in turn. */
const QUEUE_MS = 100;

/** A connection; `full`: its queue has no room now; undefined: there is none to connect to, or none that would hear us. */
export function connectToControl(running: Addressee): number | 'full' | undefined {
  const { pid } = running;
  const us = process.geteuid?.();
  if (!platform.hasAbstractSockets || (us !== 0 && us !== effectiveUserOf(pid))) return undefined;
  let full = false;
  for (const name of namesOf(running)) {
    const connection = connectTo(name, pid);
    if (typeof connection === 'number') return connection;
    full ||= connection === 'full';
  }
  return full ? 'full' : undefined;
}

function namesOf({ pid, pidFileIdentity }: Addressee): string[] {
  const prefix = `@${controlPrefix(pidFileIdentity)}`;
  // Older versions have nothing behind it.
  const named = listeningUnixSockets().filter(({ path }) => path === prefix || path.startsWith(`${prefix}/`));
  const theirs = socketsOf(pid);
  const possible = isSecretive(pid) ? named : named.filter(({ inode }) => theirs.has(inode));
  return possible.map(({ path }) => path.slice(1));
}

function connectTo(name: string, pid: number): number | 'full' | undefined {
  const fd = moveUp(openSocket(platform.AF_UNIX, platform.SOCK_STREAM, 0));
  let failure: unknown;
  try {
    setSendTimeout(fd, QUEUE_MS);
    const address = abstractAddress(name);
    connect(fd, address, address.length);
    if (isIts(fd, pid)) return fd;
  } catch (error) {
    failure = error;
  }
  closeQuietly(fd);
  return errorCode(failure) === 'EAGAIN' ? 'full' : undefined;
}

/** A pid stays with its listening socket when its process is gone, and may be another's by now: so the user counts as well. */
function isIts(fd: number, pid: number): boolean {
  const peer = peerOf(fd);
  return peer.pid === pid && peer.uid === effectiveUserOf(pid);
}
