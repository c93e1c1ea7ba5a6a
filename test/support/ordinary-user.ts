import { chownSync } from 'node:fs';
import { execa, execaSync } from 'execa';
import { program } from './program.ts';
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

/** Whether that user may read the program, wherever it was put. */
export function ordinaryUserCanRun(): boolean {
  const [command = '', ...words] = [...asOrdinaryUser, program, '--version'];
  const possible = execaSync({ reject: false })(command, words).exitCode === 0;
  if (!possible) process.stderr.write(`SKIPPED: tests as an ordinary user (who cannot run ${program})\n`);
  return possible;
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
