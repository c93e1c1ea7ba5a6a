// Files that a command line before ours has named, and ours does not: nobody writes to them any more, and who reads them would
// take what they say for the truth.

import { lstatSync, readFileSync } from 'node:fs';
import type { StartOptions } from '../command-line/start-options.ts';
import { removeOwnFile } from '../posix/file/own-file.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { isSamePath } from '../sockets/match-activated.ts';
import type { LiveGeneration } from '../superdaemon/host.ts';

type Named = Pick<StartOptions, 'statusFile' | 'metricsFile'>;

interface Published {
  readonly workers: readonly LiveGeneration[];
}

/** `before`: those of our predecessor. */
export function dropOldFiles(before: Named, now: Named, { workers }: Published): void {
  const [status, metrics] = [before.statusFile, before.metricsFile];
  if (status !== undefined && !isNamed(status, now.statusFile))
    removeIf(status, (text) =>
      workers.some(({ generation, pid }) => text.includes(`${generation}:${pid}\n`)),
    );
  if (metrics !== undefined && !isNamed(metrics, now.metricsFile))
    removeIf(metrics, (text) => text.includes('start_server_'));
}

function isNamed(path: string, now: string | undefined): boolean {
  return now !== undefined && isSamePath(path, now);
}

/** Of our user, a regular file, and one that we have written. */
function removeIf(path: string, isOurs: (text: string) => boolean): void {
  try {
    const found = lstatSync(toBytes(path));
    if (!found.isFile() || found.uid !== process.geteuid?.()) return;
    if (isOurs(readFileSync(toBytes(path), 'utf8'))) removeOwnFile(path)();
  } catch {
    // It is gone already.
  }
}
