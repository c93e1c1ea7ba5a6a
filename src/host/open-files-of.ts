import type { StartOptions } from '../command-line/start-options.ts';
import type { Caller } from '../posix/process/caller.ts';
import { ownOpenFilesLimit } from '../posix/process/privileges.ts';

/** The soft limit of open files that workers have. */
export function openFilesOf(
  { privileges }: Pick<StartOptions, 'privileges'>,
  { openFilesLimit }: Pick<Caller, 'openFilesLimit'>,
): number {
  return ownOpenFilesLimit(privileges) ?? openFilesLimit;
}
