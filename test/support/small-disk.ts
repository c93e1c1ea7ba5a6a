import { appendFileSync, truncateSync } from 'node:fs';
import { execaSync } from 'execa';
import type { TempDir } from './temp-dir.ts';

// A disk of a few pages in a mount namespace of the program's own: nothing of it outlives the program.

const mountNamespace = ['unshare', '--mount', '--map-root-user'];
const mountThenRun = 'mount -t tmpfs -o size=16k none "$0"; exec "$@"';

/** Put before a command, which then sees the disk at this directory. */
export const withSmallDiskAt = ({ path }: TempDir): readonly string[] => [
  ...mountNamespace,
  'sh',
  '-c',
  mountThenRun,
  path,
];

/** How the rest of the world sees the disk of that process. */
export const smallDiskOf = (pid: number, { path }: TempDir): string => `/proc/${pid}/root${path}`;

export function canMount(): boolean {
  const [command = '', ...words] = mountNamespace;
  const probe = [...words, 'mount', '-t', 'tmpfs', 'none', '/mnt'];
  const possible = execaSync({ reject: false })(command, probe).exitCode === 0;
  if (!possible) process.stderr.write('SKIPPED: tests with a disk of their own (mounting is not allowed)\n');
  return possible;
}

/** Appends to the file until not one byte more fits on its disk. */
export function fillDisk(file: string): void {
  for (const size of [4096, 1]) {
    while (fits(file, 'x'.repeat(size))) {}
  }
}

export function emptyFile(file: string): void {
  truncateSync(file);
}

function fits(file: string, text: string): boolean {
  try {
    appendFileSync(file, text);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
