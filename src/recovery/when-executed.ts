import { commandOf, isAlive } from '../posix/process/process-facts.ts';
import { sleep } from '../posix/sleep.ts';

const PATIENCE_MS = 1000;
const RETRY_MS = 5;

/**
 * A process whose superdaemon was killed just after it had spawned it may still be on its way through execve(2): for up to a
 * tenth of a second on a busy machine its /proc/PID/environ is empty, though the spawn has returned long since.
 */
export async function whenExecuted(pids: Iterable<number>): Promise<void> {
  const all = [...pids];
  const isExecuting = (pid: number) => commandOf(pid) === undefined && isAlive(pid);
  for (let waited = 0; all.some(isExecuting) && waited < PATIENCE_MS; waited += RETRY_MS)
    await sleep(RETRY_MS);
}
