import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

export interface Superdaemon extends AsyncDisposable {
  readonly pid: number;
  /** The pids in the status file by generation; empty before the first worker has started. */
  readonly published: () => ReadonlyMap<number, number>;
  readonly deploy: () => void;
}

// The demo is bundled into dist/, so this is the package's root.
const root = fileURLToPath(new URL('..', import.meta.url));

/** Starts start-server with the demo's worker. `onDeath` is called if it ends before it is disposed of. */
export function startSuperdaemon(port: number, onDeath: (log: string) => void): Superdaemon {
  const dir = mkdtempSync(join(tmpdir(), 'start-server-demo-'));
  const statusFile = join(dir, 'status');
  const options = [`--port=127.0.0.1:${port}`, `--status-file=${statusFile}`, '--ready=notify'];
  const worker = [process.execPath, join(root, 'examples/demo/worker.mjs')];
  const subprocess = execa(join(root, 'bin/start-server'), [...options, '--', ...worker], {
    stdin: 'ignore',
    stdout: 'ignore',
    reject: false,
    // Ctrl-C on a terminal reaches the whole process group: out of it, only the demo decides when to stop.
    detached: true,
  });
  let disposed = false;
  subprocess.then(({ stderr, originalMessage }) => {
    if (!disposed) onDeath(stderr || originalMessage || 'no message');
  });

  return {
    pid: subprocess.pid ?? 0,
    published: () => parseStatus(readIfThere(statusFile)),
    deploy: () => subprocess.kill('SIGHUP'),
    [Symbol.asyncDispose]: async () => {
      disposed = true;
      subprocess.kill('SIGTERM');
      await subprocess;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function parseStatus(text: string): ReadonlyMap<number, number> {
  const entries = text.matchAll(/^(\d+):(\d+)$/gm);
  return new Map([...entries].map(([, generation, pid]) => [Number(generation), Number(pid)]));
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
