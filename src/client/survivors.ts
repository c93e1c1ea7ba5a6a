// The workers of a superdaemon that was killed, as its status file lists them. Such a file may be of another boot, or of another
// pid namespace: only who has the environment of that worker, and no superdaemon above it, is told of.

import { listedGenerations } from '../files/status-file.ts';
import { looksLikeSuperdaemon } from '../posix/process/looks-like-superdaemon.ts';
import { environmentOf, isAlive, parentOf } from '../posix/process/process-facts.ts';
import type { LiveGeneration } from '../superdaemon/host.ts';

/** That they serve on, in words, and what to do; empty where none is known. */
export function survivorsWords(statusFile: string | undefined): string {
  const survivors = statusFile === undefined ? [] : listedGenerations(statusFile).filter(isSurvivor);
  const pids = survivors.map(({ pid }) => pid).join(', ');
  if (survivors.length === 0) return '';
  return survivors.length === 1
    ? `; worker ${pids} serves on: run the start command again, it takes it over`
    : `; workers ${pids} serve on: run the start command again, it takes them over`;
}

function isSurvivor({ generation, pid }: LiveGeneration): boolean {
  const isWorker = environmentOf(pid).get('SERVER_STARTER_GENERATION') === String(generation);
  // 0: it is beyond our pid namespace, and who knows.
  const parent = parentOf(pid) ?? 0;
  return isWorker && isAlive(pid) && parent > 0 && !looksLikeSuperdaemon(parent);
}
