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

/** For so long one is looked at again: in the midst of execve(2) a process has no environment. */
const SURE_MS = 1_000;
/** Within this time no number is given anew. */
const FORGOTTEN_MS = 10_000;

/** Those that no test has started, and since when they are known as such. There are many, and the tests look for nothing so often. */
let strangers = new Map<string, number>();
let lookedMs = 0;

function pidsMarked(mark: string): number[] {
  const now = performance.now();
  const known = now - lookedMs < FORGOTTEN_MS ? strangers : new Map<string, number>();
  lookedMs = now;
  strangers = new Map();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isMarked(name, mark, known.get(name) ?? now))
    .map(Number);
}

function isMarked(pid: string, mark: string, strangerSinceMs: number): boolean {
  if (lookedMs - strangerSinceMs < SURE_MS) {
    const environment = environmentOf(pid);
    if (environment.includes(variable)) return environment.includes(mark);
  }
  strangers.set(pid, strangerSinceMs);
  return false;
}

/** As large as the kernel lets an environment be. One for all of them: readFileSync takes twice the time. */
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
