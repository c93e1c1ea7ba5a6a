import { chownSync } from 'node:fs';
import { execa } from 'execa';
import type { TempDir } from './temp-dir.ts';

// Permissions and the limit of processes do not bind root. Where the tests run as root, these run a program as somebody
// whom they bind, and who has no other processes; elsewhere as the user of the tests.

const UID = 54_321;
const isRoot = process.getuid?.() === 0;

/** Put before a command, runs it as that user. */
export const asOrdinaryUser: readonly string[] = isRoot
  ? ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups']
  : [];

export function giveToOrdinaryUser({ path }: TempDir): void {
  if (isRoot) chownSync(path, UID, UID);
}

export interface SoftLimit {
  readonly resource: 'nofile' | 'nproc';
  readonly value: number;
}

/** Changes a soft limit of a live process, by prlimit(1), put behind the words that make its user. */
export async function setSoftLimit(
  pid: number,
  { resource, value }: SoftLimit,
  as: readonly string[] = [],
): Promise<void> {
  const [command = '', ...words] = [...as, 'prlimit', `--pid=${pid}`, `--${resource}=${value}:`];
  await execa(command, words);
}
