import { memory, waitid, waitpid } from '../libc/libc.ts';
import { platform } from '../libc/platform.ts';
import { errorCode } from '../libc/system-error.ts';

const WNOHANG = 1;
const status = memory(4);
const info = memory(128);

/** How a process ended: its raw wait status (exit 9 is 2304, SIGKILL is 9), undefined where nobody can tell. */
export interface Death {
  readonly status: number | undefined;
}

/** Reaps one process of ours; undefined while it lives. By pid, never any child: libuv waits for its own. */
export function reap(pid: number): Death | undefined {
  try {
    const status = reapChild(pid);
    return status === undefined ? undefined : { status };
  } catch (error) {
    // Somebody reaped it before us: it is gone all the same.
    if (errorCode(error) === 'ECHILD') return { status: undefined };
    throw error;
  }
}

/** Waits for a child of ours that is about to end. */
export function reapEnding(pid: number): void {
  waitpid(pid, status, 0);
}

/** The same for one that has ended, and may be another's child: then undefined. */
export function reapIfOurs(pid: number): number | undefined {
  try {
    return reapChild(pid);
  } catch {
    return undefined;
  }
}

function reapChild(pid: number): number | undefined {
  return waitpid(pid, status, WNOHANG) === pid ? status.readInt32LE() : undefined;
}

/** Reaps the children that have died and that `isStranger` says nobody waits for. */
export function reapStrangers(isStranger: (pid: number) => boolean): void {
  for (let pid = peekDead(); pid !== 0 && isStranger(pid); pid = peekDead()) reap(pid);
}

/** A child that has died, left for others to reap; 0 when there is none. */
function peekDead(): number {
  const { P_ALL, WEXITED, WNOWAIT, siginfoPid } = platform.waitid;
  info.fill(0);
  try {
    waitid(P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT);
    return info.readInt32LE(siginfoPid);
  } catch (error) {
    if (errorCode(error) === 'ECHILD') return 0;
    throw error;
  }
}
