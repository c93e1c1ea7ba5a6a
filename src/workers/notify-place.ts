// Where sockets for sd_notify(3) may lie. They have paths, for many a client knows no abstract names, and are open to
// everybody, for a worker may have become another user: but the name ends in a secret, which only its worker is told. What is
// made and removed goes by the directory's descriptor, which is also locked, so that others see that somebody uses it.

import {
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { closedTo } from '../posix/file/closed-to.ts';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { isInPlace, type OpenDirectory, openDirectory, within } from '../posix/file/directory.ts';
import { lock } from '../posix/file/lock.ts';
import { type Trust, trustedPath } from '../posix/file/trusted-path.ts';
import { toBytes, toPath } from '../posix/libc/bytes.ts';
import { platform } from '../posix/libc/platform.ts';
import type { Environment } from '../posix/process/caller.ts';
import type { User } from '../posix/process/privileges.ts';
import { openDatagramSocket } from '../posix/socket/datagram.ts';
import type { InheritedSocket } from './readiness.ts';

/** Entered by anybody, listed by nobody else. */
export const DIRECTORY_MODE = 0o711;
/** Before it is locked. */
export const MODE_WHEN_NEW = 0o700;
const SECRET_BYTES = 9;
/** What follows the directory in the path of a socket: a generation, a dot, a secret and a NUL. */
const LONGEST_NAME = '/4294967295.'.length + (SECRET_BYTES / 3) * 4 + 1;

export const isDirectoryName = (name: string): boolean => /^start-server-[0-9a-f]{6}$/.test(name);
/** Without its secret it has not got that far. */
export const isSocketName = (name: string): boolean => /^\d+(\.[\w-]{12})?$/.test(name);

export interface NotifyPlace extends Trust {
  readonly name: string;
  /** See NotifyDirectoryOptions. */
  readonly user: User | undefined;
}

/**
 * In the order in which they are tried. Where others can rename our directory, as they can in an emptyDir of Kubernetes, they
 * can keep a worker from speaking for itself, and no more: better that than that no worker can.
 */
export function placesIn(environment: Environment, user: User | undefined): NotifyPlace[] {
  const places = [environment.get('RUNTIME_DIRECTORY')?.split(':')[0], environment.get('TMPDIR'), '/tmp'];
  const names = [...new Set(places.flatMap((place) => (place?.startsWith('/') ? place : [])))];
  return [false, true].flatMap((renamable) => names.map((name) => ({ name, renamable, user })));
}

/** Throws Error where nobody can make one, or others could put theirs in its place. */
export function makeDirectory(place: NotifyPlace, name = newName()): OpenDirectory {
  const parent = trustedPath(place.name, place);
  const closed = place.user && closedTo(place.user, parent);
  if (closed !== undefined) throw new Error(`${closed} is closed to the user of --user`);
  const path = `${parent}/${name}`;
  if (toBytes(path).length + LONGEST_NAME > platform.unixPathBytes) {
    throw new Error('its name is too long for the path of a socket');
  }
  mkdirSync(toPath(path), MODE_WHEN_NEW);
  try {
    return claimed(openDirectory(path));
  } catch (error) {
    rmdirSync(toPath(path));
    throw error;
  }
}

function newName(): string {
  return `start-server-${random(3).toString('hex')}`;
}

function claimed(directory: OpenDirectory): OpenDirectory {
  try {
    if (!isAsMade(directory)) throw new Error('our directory was replaced');
    fchmodSync(directory.fd, DIRECTORY_MODE);
    if (lock(directory.fd)) return directory;
    throw new Error('another process has locked our directory');
  } catch (error) {
    closeQuietly(directory.fd);
    throw error;
  }
}

/** Between making and opening it others may have put another one there, if only they can rename in the place. */
function isAsMade(directory: OpenDirectory): boolean {
  const { uid, mode } = fstatSync(directory.fd);
  const isOurs = uid === process.geteuid?.() && (mode & 0o077) === 0;
  return isOurs && readdirSync(within(directory, '')).length === 0;
}

/** Throws Error when it cannot be made. */
export function openSocket(directory: OpenDirectory, generation: number): InheritedSocket {
  return bindSocket(directory, `${generation}.${random(SECRET_BYTES).toString('base64url')}`);
}

/** In the place of one of that name whose superdaemon is gone, too. Throws Error when it cannot be made. */
export function bindSocket(directory: OpenDirectory, name: string): InheritedSocket {
  const [plain = name] = name.split('.');
  const fd = openDatagramSocket(within(directory, plain));
  try {
    // Bound by that name it would show it in /proc/net/unix.
    renameSync(within(directory, plain), within(directory, name));
    return { fd, path: `${directory.path}/${name}` };
  } catch (error) {
    closeQuietly(fd);
    removeSocket(directory, plain);
    throw error;
  }
}

/** What of it is not ours stays. */
export function removeDirectory(directory: OpenDirectory): void {
  try {
    for (const name of readdirSync(within(directory, ''))) {
      if (isSocketName(name)) removeSocket(directory, name);
    }
    // Whatever lies there now, it only goes if it is empty.
    if (isInPlace(directory)) rmdirSync(toPath(directory.path));
  } catch {
    // It is gone already, or something is in it that none of us has made.
  }
  closeQuietly(directory.fd);
}

export function removeSocket(directory: OpenDirectory, name: string): void {
  try {
    unlinkSync(within(directory, name));
  } catch {
    // It is gone already.
  }
}

/** Not node:crypto: loading that costs a megabyte. */
function random(bytes: number): Buffer {
  const source = openSync('/dev/urandom', 'r');
  try {
    const block = Buffer.alloc(bytes);
    readSync(source, block);
    return block;
  } finally {
    closeQuietly(source);
  }
}
