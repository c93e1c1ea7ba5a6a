import { checked } from '../libc/libc.ts';

const PR_SET_CHILD_SUBREAPER = 36;

const prctl = checked<[option: number, value: number, third: number, fourth: number, fifth: number]>(
  'int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)',
);

/**
 * From now on the orphans among our descendants are our children; also after execve(2). Linux only. Throws SystemError:
 * EINVAL, ENOSYS, EPERM …
 */
export function becomeSubreaper(): void {
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

/** From now on they go to whoever is above us. */
export function stopReaping(): void {
  prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}
