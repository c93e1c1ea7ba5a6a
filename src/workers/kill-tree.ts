// --kill-tree needs of the kernel that orphans come to us, that a process which is no child of ours can be held, and that it
// lists the children of each.

import { existsSync } from 'node:fs';
import { platform } from '../posix/libc/platform.ts';
import { reason } from '../posix/libc/system-error.ts';
import { openProcess } from '../posix/process/pidfd.ts';
import { becomeSubreaper, stopReaping } from '../posix/process/subreaper.ts';
import { StartupError } from '../startup-error.ts';

/** Throws StartupError where it cannot be had. */
export function takeInOrphans(): void {
  if (platform.pidfd === undefined) throw new StartupError('--kill-tree: works on Linux only');
  if (!existsSync(`/proc/self/task/${process.pid}/children`))
    throw new StartupError('--kill-tree: needs /proc/PID/task/PID/children, which is not there');
  try {
    openProcess(process.pid)?.[Symbol.dispose]();
    becomeSubreaper();
  } catch (error) {
    throw new StartupError(`--kill-tree: the system does not allow it: ${reason(error)}`, { cause: error });
  }
}

/** From now on they come to whom they came before; those that have come already stay ours to reap. */
export function leaveOrphans(): void {
  stopReaping();
}
