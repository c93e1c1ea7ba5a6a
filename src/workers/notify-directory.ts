// Where the sockets of $NOTIFY_SOCKET lie. A path, for many a client of sd_notify(3) knows no abstract names, and one that
// a worker can reach which has become another user.

import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { toBytes } from '../posix/bytes.ts';
import type { Environment } from '../posix/caller.ts';
import { platform } from '../posix/platform.ts';
import { reason } from '../posix/system-error.ts';
import { StartupError } from '../startup-error.ts';

export interface NotifyDirectory extends Disposable {
  readonly path: string;
}

/** What follows the directory in the path of a socket: a generation's number and a NUL. */
const LONGEST_NAME = 12;

/** Throws StartupError when there is no place for it. */
export function makeNotifyDirectory(environment: Environment): NotifyDirectory {
  const places = [environment.get('RUNTIME_DIRECTORY')?.split(':')[0], environment.get('TMPDIR'), '/tmp'];
  let complaint = '';
  for (const place of places) {
    if (!place?.startsWith('/')) continue;
    try {
      return directoryIn(place);
    } catch (error) {
      complaint = `${place}: ${reason(error)}`;
    }
  }
  throw new StartupError(`--ready=notify: no place for its sockets: ${complaint}`);
}

function directoryIn(place: string): NotifyDirectory {
  const prefix = `${place}/start-server-`;
  const longest = toBytes(prefix).length + 'XXXXXX'.length + LONGEST_NAME;
  if (longest > platform.unixPathBytes) throw new Error('its name is too long for the path of a socket');
  const path = mkdtempSync(prefix);
  // Entered by anybody who knows the name, listed by nobody else: who sends is checked at the message.
  chmodSync(path, 0o711);
  return notifyDirectory(path);
}

/** Made already. */
export function notifyDirectory(path: string): NotifyDirectory {
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** The one that a superdaemon left behind which was killed, as the environment of a worker of its names it: nobody listens there. */
export function removeNotifyDirectory(environment: Environment): void {
  const path = dirname(environment.get('NOTIFY_SOCKET') ?? '');
  if (!/\/start-server-\w{6}$/.test(path)) return;
  try {
    const { uid } = lstatSync(path);
    if (uid !== process.geteuid?.()) return;
    for (const name of readdirSync(path)) if (/^\d+$/.test(name)) unlinkSync(`${path}/${name}`);
    rmdirSync(path);
  } catch {
    // It is gone already, or there is something in it that none of us has made.
  }
}
