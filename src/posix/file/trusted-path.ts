import { lstatSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fromBytes, toBytes, toPath } from '../libc/bytes.ts';

const WRITABLE_FOR_OTHERS = 0o022;
const STICKY = 0o1000;

export interface Trust {
  /** Whether others may rename what lies in the directory itself, for want of a better one. */
  readonly renamable: boolean;
}

/**
 * The path of a directory without symbolic links, provided that nobody but root and we can put anything in the place of
 * what is ours in it: neither in the directory itself nor on the way to it. Throws Error.
 */
export function trustedPath(path: string, { renamable }: Trust): string {
  const real = fromBytes(realpathSync.native(toBytes(path), 'buffer'));
  // In a user namespace root may have another number. Whoever owns the root directory can replace everything in it anyway.
  const trusted = [0, process.geteuid?.(), lstatSync('/').uid];
  for (let each = real; ; each = dirname(each)) {
    const { uid, mode } = lstatSync(toPath(each));
    if (!trusted.includes(uid)) throw new Error(`${each} belongs to another user (uid ${uid})`);
    const isOpen = (mode & WRITABLE_FOR_OTHERS) !== 0 && (mode & STICKY) === 0;
    if (isOpen && !(renamable && each === real)) {
      throw new Error(`others can write to ${each}, which is not sticky`);
    }
    if (each === '/') return real;
  }
}
