import type fs from 'node:fs';

type Files = Pick<typeof fs, 'fstatSync' | 'readlinkSync'>;

/**
 * What is open there. Throws EBADF. On Linux the kernel's name for it tells, whose reading costs a Node process that starts a
 * quarter of its first fstat. As `bigint`, for the other form leaves the kind where realpathSync of Node 20 and 22 looks for
 * that of the next directory: behind a pipe or a socket the next `require` would follow no link.
 */
export function kindOf(fd: number, files: Files): 'pipe' | 'socket' | 'other' {
  const name = nameOf(fd, files);
  if (name.startsWith('pipe:')) return 'pipe';
  if (name.startsWith('socket:')) return 'socket';
  const stats = files.fstatSync(fd, { bigint: true });
  if (stats.isFIFO()) return 'pipe';
  return stats.isSocket() ? 'socket' : 'other';
}

/** Empty where there is no /proc. */
function nameOf(fd: number, { readlinkSync }: Files): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}
