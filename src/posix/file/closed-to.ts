import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { toPath } from '../libc/bytes.ts';
import type { User } from '../process/privileges.ts';

/** The first directory on the way to this one that the modes do not let the user enter; `path` without symbolic links. */
export function closedTo(user: User, path: string): string | undefined {
  if (user.uid === 0) return undefined;
  const next = path === '/' ? undefined : closedTo(user, dirname(path));
  return next ?? (mayEnter(user, lstatSync(toPath(path))) ? undefined : path);
}

interface Owned {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

function mayEnter(user: User, { uid, gid, mode }: Owned): boolean {
  if (uid === user.uid) return (mode & 0o100) !== 0;
  const isOfGroup = gid === user.gid || user.groups.includes(gid);
  return (mode & (isOfGroup ? 0o010 : 0o001)) !== 0;
}
