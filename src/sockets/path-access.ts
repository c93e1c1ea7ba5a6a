// Who may connect to a Unix socket: the mode and owner of its file.

import { chmodSync, chownSync, fstatSync, lchownSync, openSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { identityAt, identityOf, removeOwnFile } from '../posix/file/own-file.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { reason } from '../posix/libc/system-error.ts';
import { groupId, userId } from '../posix/process/accounts.ts';
import { StartupError } from '../startup-error.ts';

export interface PathAccess {
  /** Permission bits. */
  readonly mode: number;
  /** undefined: ours, as the file is made. */
  readonly owner: Owner | undefined;
}

/** -1 leaves one of them as it is. */
interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The reference's: workers and clients often run as different users. */
export const OPEN_TO_ALL = 0o777;

const O_PATH = 0o10000000;
const O_NOFOLLOW = 0o400000;

export function parseMode(text: string): number {
  if (!/^0?[0-7]{3}$/.test(text))
    throw new StartupError(`--path-mode=${text}: not an octal mode such as 0660`);
  return Number.parseInt(text, 8);
}

/** `user`, `user:group` or `:group`, names or numbers. */
export function parseOwner(text: string): Owner {
  const [user = '', group = '', ...others] = text.split(':');
  const uid = user === '' ? -1 : userId(user);
  const gid = group === '' ? -1 : groupId(group);
  if (uid === undefined) throw new StartupError(`--path-owner=${text}: no such user`);
  if (gid === undefined) throw new StartupError(`--path-owner=${text}: no such group`);
  if (others.length > 0 || (uid === -1 && gid === -1)) {
    throw new StartupError(`--path-owner=${text}: not user, user:group or :group`);
  }
  return { uid, gid };
}

/**
 * Runs `bindIt`, which makes the socket file, so that there is no moment in which the file is wider open than asked:
 * the umask takes away what must not be, and group and others get their share only when they are the right ones.
 * Returns what tells the file from any other (own-file.ts).
 */
export function bindWithAccess(path: string, access: PathAccess, bindIt: () => void): string {
  const { mode, owner } = access;
  const umask = process.umask(owner === undefined ? 0o777 & ~mode : 0o777 & ~(mode & 0o700));
  try {
    bindIt();
  } finally {
    process.umask(umask);
  }
  const file = identityOfNew(path);
  if (owner !== undefined) giveAway(path, file, access);
  return file;
}

/** Looked at once more where that fails: the file is there by now, and nobody would remove it. */
function identityOfNew(path: string): string {
  try {
    return identityAt(path);
  } catch {
    return identityAt(path);
  }
}

function giveAway(path: string, file: string, access: PathAccess): void {
  try {
    setAccess(path, access, file);
  } catch (error) {
    removeOwnFile(path, file)();
    throw new StartupError(`--path=${path}: cannot give it to --path-owner: ${reason(error)}`, {
      cause: error,
    });
  }
}

/**
 * The same for a socket file that is there already. Whoever may write to the directory may have put another file in its
 * place, or a symbolic link: owner and mode are changed through one descriptor, of what has been looked at.
 */
export function setAccess(path: string, { mode, owner }: PathAccess, file = identityAt(path)): void {
  if (process.platform !== 'linux') {
    if (owner !== undefined) lchownSync(toBytes(path), owner.uid, owner.gid);
    return chmodSync(toBytes(path), mode);
  }
  const fd = openSync(toBytes(path), O_PATH | O_NOFOLLOW);
  try {
    const opened = fstatSync(fd);
    if (!opened.isSocket() || identityOf(opened) !== file) throw new Error('the socket file was replaced');
    // A magic link leads to the open file itself, whatever has its name by now.
    const magic = `/proc/self/fd/${fd}`;
    if (owner !== undefined) chownSync(magic, owner.uid, owner.gid);
    chmodSync(magic, mode);
  } finally {
    closeQuietly(fd);
  }
}
