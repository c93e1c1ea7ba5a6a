// Who waits for which socket by epoll(7): /proc/PID/fdinfo names what each of its instances watches, by inode (proc(5)).

import { readFileSync } from 'node:fs';
import { linkTarget, list } from './process-facts.ts';

/** False where we may not look, and for one that uses poll(2) or select(2). */
export function pollsSocket(pid: number, inode: string): boolean {
  const watched = new RegExp(`^tfd:.* ino:${BigInt(inode).toString(16)} `, 'm');
  return list(`/proc/${pid}/fd`).some(
    (fd) => linkTarget(`/proc/${pid}/fd/${fd}`) === EPOLL && watched.test(fdInfo(pid, fd)),
  );
}

const EPOLL = 'anon_inode:[eventpoll]';

function fdInfo(pid: number, fd: string): string {
  try {
    return readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1');
  } catch {
    return '';
  }
}
