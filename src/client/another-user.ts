// A superdaemon hears root and its own user alone: anybody else, who has forgotten a sudo, can neither ask nor signal it.

import { kill } from '../posix/libc/libc.ts';
import { errorCode } from '../posix/libc/system-error.ts';
import { account } from '../posix/process/accounts.ts';
import { effectiveUserOf } from '../posix/process/process-state.ts';
import { StartupError } from '../startup-error.ts';

/** What one that cannot be asked is refused with; `otherwise`: where that is not for its user. */
export function cannotAsk(pidFile: string, pid: number, otherwise: string): StartupError {
  return new StartupError(`--pid-file=${pidFile}: ${anothersWords(pid) ?? otherwise}`);
}

/** undefined where its user is no reason. */
export function anothersWords(pid: number, us = process.geteuid?.()): string | undefined {
  const uid = effectiveUserOf(pid);
  // Where /proc does not show it (hidepid, macOS) the kernel's refusal does.
  if (Number.isNaN(uid)) {
    return isForbidden(pid)
      ? `superdaemon ${pid} belongs to another user: run this as that user or root`
      : undefined;
  }
  if (us === 0 || us === uid) return undefined;
  const user = account(String(uid))?.name ?? `uid ${uid}`;
  const allowed = uid === 0 ? user : `${user} or root`;
  return `superdaemon ${pid} belongs to another user, ${user}: run this as ${allowed}`;
}

function isForbidden(pid: number): boolean {
  try {
    kill(pid, 0);
    return false;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
