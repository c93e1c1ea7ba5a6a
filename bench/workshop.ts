// A temporary directory with the compiled driver and worker; disposing of it removes everything.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExecaError, execa } from 'execa';
import { BenchError } from './bench-error.ts';

export type Workshop = Disposable & {
  readonly directory: string;
  readonly driver: string;
  readonly worker: string;
};

export async function makeWorkshop(interruption: AbortSignal): Promise<Workshop> {
  const directory = mkdtempSync(join(tmpdir(), 'start-server-bench-'));
  const driver = join(directory, 'driver');
  const worker = join(directory, 'worker');
  const dispose = () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  const compile = (output: string, words: readonly string[]) =>
    cc(['-O2', '-o', output, ...words], interruption);
  try {
    await compile(driver, ['-pthread', 'driver.c', 'target.c', 'load.c']);
    // Static, so that the dynamic loader is no part of "to the first instruction".
    await compile(worker, ['worker.c', '-static']).catch(() => compile(worker, ['worker.c']));
  } catch (error) {
    dispose();
    throw error;
  }
  return { directory, driver, worker, [Symbol.dispose]: dispose };
}

async function cc(words: readonly string[], cancelSignal: AbortSignal): Promise<void> {
  const cwd = fileURLToPath(new URL('../bench/c/', import.meta.url));
  try {
    await execa('cc', words, { cwd, cancelSignal });
  } catch (error) {
    throw new BenchError(complaint(error), { cause: error });
  }
}

function complaint(error: unknown): string {
  if (!(error instanceof ExecaError)) return `cc: ${String(error)}`;
  if (error.isCanceled) return 'interrupted';
  const missing = 'cc is not installed: the benchmark compiles a small worker (Debian: gcc, libc6-dev)';
  return error.code === 'ENOENT' ? missing : error.message;
}
