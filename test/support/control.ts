import { closeSync, openSync, readFileSync } from 'node:fs';
import { connectControl } from '../../src/control/connection.ts';
import type { Hello } from '../../src/control/protocol.ts';
import { fileIdentity } from '../../src/posix/own-file.ts';

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

export function identityOf(file: string): string {
  const fd = openSync(file, 'r');
  try {
    return fileIdentity(fd);
  } finally {
    closeSync(fd);
  }
}
