import { fstatSync, readFileSync } from 'node:fs';
import { controlPrefix } from '../control/protocol.ts';
import { closeQuietly, setBlocking } from '../posix/file/descriptor.ts';
import { fileIdentity } from '../posix/file/own-file.ts';
import { connect, socket } from '../posix/libc/libc.ts';
import { platform } from '../posix/libc/platform.ts';
import { type Peer, peerOf } from '../posix/socket/peer.ts';
import { abstractAddress } from '../posix/socket/sockaddr.ts';

/** Who listens at the control sockets of an open pid file, by the kernel's word, and is a user who may: root, the file's owner, we. */
export function whoAnswers(pidFile: number): number[] {
  const users = [0, process.geteuid?.(), fstatSync(pidFile).uid];
  return controlNames(fileIdentity(pidFile)).flatMap((name) => {
    const peer = peerAt(name);
    return peer !== undefined && users.includes(peer.uid) ? [peer.pid] : [];
  });
}

/** Of our network namespace. */
function controlNames(identity: string): string[] {
  const prefix = controlPrefix(identity);
  const names = Array.from(readUnixSockets().matchAll(/ @(\S+)$/gm), ([, name = '']) => name);
  return [...new Set(names)].filter(
    (name) => name.startsWith(prefix) && !/^\d/.test(name.slice(prefix.length)),
  );
}

function readUnixSockets(): string {
  try {
    return readFileSync('/proc/net/unix', 'latin1');
  } catch {
    return '';
  }
}

function peerAt(name: string): Peer | undefined {
  const fd = socket(platform.AF_UNIX, platform.SOCK_STREAM, 0);
  try {
    // A queue that is full must not hold us up.
    setBlocking(fd, false);
    const address = abstractAddress(name);
    connect(fd, address, address.length);
    return peerOf(fd);
  } catch {
    return undefined;
  } finally {
    closeQuietly(fd);
  }
}
