import { isSameFile } from '../posix/file/own-file.ts';
import { looksLikeSuperdaemon } from '../posix/process/looks-like-superdaemon.ts';
import { commandOf, isAlive, list } from '../posix/process/process-facts.ts';
import { sleep } from '../posix/sleep.ts';

const PATIENCE_MS = 1000;
const RETRY_MS = 5;

/**
 * A process whose superdaemon was killed just after it had spawned it may still be on its way through execve(2), though the
 * spawn has returned long since: for up to a tenth of a second on a busy machine. Resolves to whether one was, and is no more.
 */
export async function whenExecuted(pids: Iterable<number>): Promise<boolean> {
  const all = [...pids];
  let waited = 0;
  for (; all.some(isExecuting) && waited < PATIENCE_MS; waited += RETRY_MS) await sleep(RETRY_MS);
  return waited > 0 && waited < PATIENCE_MS;
}

/** In it, its environment and its words are empty; before it, they are those of its superdaemon, whose memory it shares. */
function isExecuting(pid: number): boolean {
  return isAlive(pid) && (commandOf(pid) === undefined || isCopyOfSuperdaemon(pid));
}

/** A superdaemon has several threads, as all of Node. */
function isCopyOfSuperdaemon(pid: number): boolean {
  const isOne = list(`/proc/${pid}/task`).length === 1 && looksLikeSuperdaemon(pid);
  return isOne && isSameFile(`/proc/${pid}/exe`, '/proc/self/exe');
}
