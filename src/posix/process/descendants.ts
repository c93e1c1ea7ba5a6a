import { readdirSync, readFileSync } from 'node:fs';
import { hasEnded, holdProcess, type ProcessHandle } from './pidfd.ts';
import { parentOf, threadCountOf } from './process-facts.ts';

/**
 * Whom a process has started, and those in turn, as far as they live and their line of parents does; each is held from before
 * it was seen to be one. Linux only: else none. `held`: those of an earlier look; the living among them are returned, too.
 */
export function holdDescendants(pid: number, held: readonly ProcessHandle[] = []): ProcessHandle[] {
  const found = new Map(held.filter(stillLives).map((handle) => [handle.pid, handle]));
  try {
    for (const waiting = [pid]; waiting.length > 0; ) {
      const parent = waiting.pop() ?? 0;
      for (const child of childrenOf(parent)) {
        const handle = found.get(child) ?? holdProcess(child, () => parentOf(child) === parent);
        if (handle === undefined) continue;
        found.set(child, handle);
        waiting.push(child);
      }
    }
  } catch {
    // EMFILE, ENOSYS: those that were found so far.
  }
  return [...found.values()];
}

function stillLives(handle: ProcessHandle): boolean {
  if (!hasEnded(handle)) return true;
  handle[Symbol.dispose]();
  return false;
}

/** Each thread has children of its own. */
function childrenOf(pid: number): number[] {
  try {
    return threadsOf(pid).flatMap((thread) => childrenOfThread(pid, thread));
  } catch {
    return [];
  }
}

/** A worker waits for this look, and most have one. */
function threadsOf(pid: number): readonly (number | string)[] {
  return threadCountOf(pid) === 1 ? [pid] : readdirSync(`/proc/${pid}/task`);
}

/** Those that it has taken in, which come to its first thread, and that thread's own. */
export function adoptedBy(pid: number): number[] {
  try {
    return childrenOfThread(pid, pid);
  } catch {
    return [];
  }
}

function childrenOfThread(pid: number, thread: number | string): number[] {
  const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1');
  return text.split(' ').filter(Boolean).map(Number);
}
