import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';

// Every process of a fixture carries a variable of its own in its environment, and so do all that it starts:
// orphans are found by it too, and nothing that the tests did not start ever is.
const variable = 'START_SERVER_TEST_TREE';

export interface ProcessTree {
  /** To be put into the environment of the first process. */
  readonly env: Readonly<Record<string, string>>;
  /** The pids of all that live, zombies left out. */
  readonly pids: () => number[];
  /** Ends them all by SIGKILL, stopped ones too, and those that are started meanwhile. */
  readonly end: () => Promise<void>;
}

export function processTree(): ProcessTree {
  const id = randomUUID();
  const pids = () => pidsMarked(`${variable}=${id}`);
  const end = () =>
    eventually(() => {
      const left = pids();
      left.forEach(kill);
      if (left.length > 0) throw new Error(`processes that would not end: ${left}`);
    });
  return { env: { [variable]: id }, pids, end };
}

function pidsMarked(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(mark))
    .map(Number);
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return []; // It has ended meanwhile, or belongs to somebody else.
  }
}

/** One that has ended is forgiven. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
