import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { toBytes } from '../posix/libc/bytes.ts';

/** Readers see the whole old text or the whole new one; on a full disk the old one stays. Throws what the system says. */
export function replaceFile(path: string, text: string, mode: number): void {
  closeSync(replaceAndOpen(path, text, mode));
}

/** The same, and returns the new file, open for writing. `prepare` comes before anybody can see it. */
export function replaceAndOpen(
  path: string,
  text: string,
  mode: number,
  prepare: (fd: number) => void = () => {},
): number {
  // A name that nobody can guess, made exclusively: neither a planted file nor a symbolic link is ever written to.
  const temporary = toBytes(`${path}.${Math.random().toString(36).slice(2)}`);
  const fd = openSync(temporary, 'wx', mode);
  try {
    prepare(fd);
    writeFileSync(fd, text);
    renameSync(temporary, toBytes(path));
    return fd;
  } catch (error) {
    closeSync(fd);
    rmSync(temporary, { force: true });
    throw error;
  }
}
