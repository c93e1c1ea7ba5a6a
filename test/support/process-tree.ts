import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
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

/**
 * As large as the kernel lets an environment be. One for all of them, for the tests do nothing as often as this, and
 * readFileSync takes twice the time.
 */
const environment = Buffer.alloc(6 * 2 ** 20);

/** Until the next call. */
function environmentOf(pid: string): Buffer {
  let length = 0;
  let fd: number | undefined;
  try {
    fd = openSync(`/proc/${pid}/environ`, 'r');
    for (let read = -1; read !== 0; length += read) {
      read = readSync(fd, environment, length, environment.length - length, null);
    }
  } catch {
    length = 0; // It has ended meanwhile, or belongs to somebody else.
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  return environment.subarray(0, length);
}

/** One that has ended is forgiven. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
