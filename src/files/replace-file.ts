import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { toBytes } from '../posix/libc/bytes.ts';

/** Readers see the whole old text or the whole new one; on a full disk the old one stays. Throws what the system says. */
export function replaceFile(path: string, text: string, mode: number): void {
  // A name that nobody can guess, made exclusively: neither a planted file nor a symbolic link is ever written to.
  const temporary = toBytes(`${path}.${Math.random().toString(36).slice(2)}`);
  try {
    writeFileSync(temporary, text, { flag: 'wx', mode });
    renameSync(temporary, toBytes(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
