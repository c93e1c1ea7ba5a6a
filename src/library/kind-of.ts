import { type BigIntStats, fstatSync } from 'node:fs';

/**
 * What kind of file is open there. Throws EBADF. As `bigint`, for the other form leaves the kind where realpathSync of Node 20
 * and 22 looks for that of the next directory: behind a pipe or a socket the next `require` would follow no link.
 */
export function kindOf(fd: number): BigIntStats {
  return fstatSync(fd, { bigint: true });
}
