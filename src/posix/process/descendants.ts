import { readFileSync } from 'node:fs';
import { hasEnded, holdProcess, type ProcessHandle } from './pidfd.ts';
import { list, parentOf } from './process-facts.ts';

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
    return list(`/proc/${pid}/task`).flatMap((thread) => childrenOfThread(pid, thread));
  } catch {
    return [];
  }
}

function childrenOfThread(pid: number, thread: number | string): number[] {
  // As UTF-8: Node has a way of its own for that, which takes half the time.
  return pidsIn(readFileSync(childrenPath(pid, thread), 'utf8'));
}

/** Of the children of one of a process's threads: pids, a space behind each. */
export function childrenPath(pid: number, thread: number | string): string {
  return `/proc/${pid}/task/${thread}/children`;
}

export function pidsIn(list: string): number[] {
  return list.split(' ').filter(Boolean).map(Number);
}
