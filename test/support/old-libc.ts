import { readFileSync, writeFileSync } from 'node:fs';
import type { TempDir } from './temp-dir.ts';

export interface OldLibc {
  /** A directory for LD_LIBRARY_PATH. */
  readonly directory: string;
  /** The library in it. */
  readonly file: string;
  /** The one that it was made from. */
  readonly original: string;
}

/** The glibc of this process; undefined where it is another C library. */
export const glibc = /\/\S*\/libc\.so\.6$/m.exec(readFileSync('/proc/self/maps', 'utf8'))?.[0];

/** This machine's glibc as it was before 2.29: without the call that gives a program to be started its directory. */
export function oldLibc(dir: TempDir): OldLibc {
  if (glibc === undefined) throw new Error('this is not glibc');
  const name = 'posix_spawn_file_actions_addchdir_np';
  const library = readFileSync(glibc);
  const at = library.indexOf(`\0${name}\0`);
  if (at >= 0) library.write(name.toUpperCase(), at + 1, 'latin1');
  const file = dir.join('libc.so.6');
  writeFileSync(file, library, { mode: 0o755 });
  return { directory: dir.path, file, original: glibc };
}
