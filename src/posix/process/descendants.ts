import { readdirSync, readFileSync, statSync } from 'node:fs';

/** Whom a process has started, and those in turn, as far as they live and their line of parents does. Linux only: else none. */
export function descendantsOf(pid: number): number[] {
  const found: number[] = [];
  for (const waiting = [pid]; waiting.length > 0; ) {
    const children = childrenOf(waiting.pop() ?? 0);
    found.push(...children);
    waiting.push(...children);
  }
  return found;
}

/** Each thread has children of its own. */
function childrenOf(pid: number): number[] {
  try {
    return threadsOf(pid).flatMap((thread) =>
      numbers(readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1')),
    );
  } catch {
    return [];
  }
}

/** The link count of the directory tells how many there are: a worker waits for this look, and most have one. */
function threadsOf(pid: number): readonly (number | string)[] {
  const threads = `/proc/${pid}/task`;
  return statSync(threads).nlink === OF_ONE ? [pid] : readdirSync(threads);
}

const OF_ONE = 3;

/** Those that it has taken in, which come to its first thread, and that thread's own. */
export function adoptedBy(pid: number): number[] {
  try {
    return numbers(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1'));
  } catch {
    return [];
  }
}

function numbers(text: string): number[] {
  return text.split(' ').filter(Boolean).map(Number);
}
