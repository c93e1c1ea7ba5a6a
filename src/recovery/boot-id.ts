import { readFileSync } from 'node:fs';
import { once } from '../posix/libc/once.ts';

/** The same for as long as the kernel runs. */
export const bootId = once(() => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '-';
  }
});
