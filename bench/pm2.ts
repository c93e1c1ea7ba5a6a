// pm2 beside ours. Each has a home of its own in a temporary directory, so that no other pm2 of this machine is met; it is
// found by that home again, and ended surely.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ExecaError, execa } from 'execa';
import { BenchError } from './bench-error.ts';

export type Pm2App = {
  /** The program, as a file that Node runs. */
  readonly script: string;
  /** pm2's -i. */
  readonly workers: number;
  readonly env: Readonly<Record<string, string>>;
  /** More options of `pm2 start`. */
  readonly options?: readonly string[];
};

export type Pm2 = AsyncDisposable & {
  /** Resolves when pm2 says that all workers are new ones. */
  readonly reload: () => Promise<void>;
  /** Its daemon first, then the workers, oldest first. */
  readonly pids: () => readonly number[];
};

const COMMAND = fileURLToPath(new URL('../bench/pm2/node_modules/pm2/bin/pm2', import.meta.url));
const INSTALL = 'npm ci --prefix bench/pm2 --ignore-scripts';
const NAME = 'app';
const PATIENCE_MS = 20_000;

/** Said once and skipped where it is not installed: it is no dependency of ours. */
export function hasPm2(note: (line: string) => void): boolean {
  const found = existsSync(COMMAND);
  if (!found) note(`pm2 is not installed (${INSTALL}): measuring ours alone`);
  return found;
}

/** Starts the program in cluster mode. It listens when this resolves, as far as pm2 knows. */
export async function startPm2({ script, workers, env, options = [] }: Pm2App): Promise<Pm2> {
  const home = await mkdtemp(join(tmpdir(), 'start-server-bench-pm2-'));
  const run = pm2In(home);
  const dispose = async () => {
    await run(['kill']).catch(() => undefined); // What it leaves is ended all the same.
    await endAll(home);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await run(['start', script, '--name', NAME, '-i', String(workers), ...options], env);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    reload: () => run(['reload', NAME]),
    pids: () => pidsOf(home),
    [Symbol.asyncDispose]: dispose,
  };
}

function pm2In(home: string) {
  return async (words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> => {
    const { PATH = '' } = process.env;
    try {
      await execa(process.execPath, [COMMAND, ...words], {
        cwd: home,
        // Bare, as ours is measured; and it asks nobody outside this machine for anything.
        env: { PATH, HOME: home, ...env, PM2_HOME: home, PM2_DISABLE_VERSION_CHECK: 'true' },
        extendEnv: false,
        stdin: 'ignore',
        // Its daemon inherits them, and would keep a pipe open.
        stdout: 'ignore',
        stderr: 'ignore',
        timeout: PATIENCE_MS,
      });
    } catch (error) {
      if (!(error instanceof ExecaError)) throw error;
      throw new BenchError(`pm2 ${words[0]}: ${error.shortMessage}${logTail(home)}`, { cause: error });
    }
  };
}

function logTail(home: string): string {
  const file = join(home, 'pm2.log');
  if (!existsSync(file)) return '';
  return `; the last lines of its log:\n${readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n')}`;
}

/** All that run with this home, but for commands that have ended by now. */
function pidsOf(home: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(`PM2_HOME=${home}`))
    .map(Number)
    .toSorted((one, other) => one - other);
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return []; // It has ended meanwhile, or belongs to somebody else.
  }
}

async function endAll(home: string): Promise<void> {
  for (const deadline = performance.now() + PATIENCE_MS; ; await delay(20)) {
    const left = pidsOf(home);
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new BenchError(`pm2 would not end: ${left.join(', ')}`);
    for (const pid of left) kill(pid);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
