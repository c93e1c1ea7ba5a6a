import { closeSync, openSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { connectControl } from '../../src/control/connection.ts';
import { controlPrefix, type Hello } from '../../src/control/protocol.ts';
import { fileIdentity } from '../../src/posix/file/own-file.ts';
import { connect, socket } from '../../src/posix/libc/libc.ts';
import { platform } from '../../src/posix/libc/platform.ts';
import { abstractAddress } from '../../src/posix/socket/sockaddr.ts';
import { setSendTimeout } from '../../src/posix/socket/socket-option.ts';

/** What the superdaemon of a pid file says of itself and its workers now. */
export async function superdaemonStatus(pidFile: string): Promise<Hello> {
  // The first answer may be given before an event that happened before it is taken; the second is not.
  await ask(pidFile);
  return ask(pidFile);
}

async function ask(pidFile: string): Promise<Hello> {
  const pid = Number(readFileSync(pidFile, 'utf8'));
  using connection = await connectControl({ pid, pidFileIdentity: identityOf(pidFile) }, 'status');
  if (connection === undefined) throw new Error(`${pid} does not answer`);
  return connection.hello;
}

/** The abstract name of the control socket, where only the superdaemon of that pid file has one. */
export function controlName(pidFile: string): string {
  const prefix = controlPrefix(identityOf(pidFile));
  const found = new RegExp(` @(${prefix}/\\w+)$`, 'm').exec(readFileSync('/proc/net/unix', 'utf8'))?.[1];
  if (found === undefined) throw new Error(`no control socket of ${pidFile}`);
  return found;
}

/** A connection to an abstract name. Node's own fills such a name up with NULs. */
export function connectAbstract(name: string): Socket {
  const fd = socket(platform.AF_UNIX, platform.SOCK_STREAM, 0);
  setSendTimeout(fd, 5000);
  const address = abstractAddress(name);
  connect(fd, address, address.length);
  return new Socket({ fd, readable: true, writable: true });
}

export function identityOf(file: string): string {
  const fd = openSync(file, 'r');
  try {
    return fileIdentity(fd);
  } finally {
    closeSync(fd);
  }
}
