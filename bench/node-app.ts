// A program for Node, behind ours and behind pm2: started, reloaded and stopped in the same way.
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { freePort } from '../test/support/free-port.ts';
import { BenchError } from './bench-error.ts';
import { startPm2 } from './pm2.ts';
import { descendants } from './proc.ts';
import type { Rig } from './rig.ts';

export const WORKERS = 2;
const PATIENCE_MS = 20_000;

export type Side = {
  readonly side: 'ours' | 'reference';
  readonly port: number;
  readonly reload: () => Promise<void>;
  readonly pids: () => readonly number[];
};

export async function startOurs(
  { driver, directory, programs }: Rig,
  script: string,
): Promise<Side & AsyncDisposable> {
  const path = programs.find(({ side }) => side === 'ours')?.path ?? '';
  const port = await freePort();
  const files = [`--pid-file=${directory}/node.pid`, `--status-file=${directory}/node.status`];
  const options = [`--port=127.0.0.1:${port}`, '--as=node', `--workers=${WORKERS}`, '--interval=0'];
  const { pid } = await driver.hold('node', [path, ...options, ...files, '--', process.execPath, script]);
  await answering(port);
  return {
    side: 'ours',
    port,
    pids: () => descendants(pid),
    reload: async () => {
      const { failed, stderr } = await execa(path, ['--restart', ...files], { reject: false });
      if (failed) throw new BenchError(`--restart: ${stderr}`);
    },
    [Symbol.asyncDispose]: async () => {
      await driver.stop('node', 0);
    },
  };
}

export async function startBeside(script: string): Promise<Side & AsyncDisposable> {
  const port = await freePort();
  const pm2 = await startPm2({ script, workers: WORKERS, env: { PORT: String(port) } });
  await answering(port);
  return { side: 'reference', port, ...pm2 };
}

async function answering(port: number): Promise<void> {
  const ask = async () => (await fetch(`http://127.0.0.1:${port}`)).ok;
  for (const deadline = performance.now() + PATIENCE_MS; ; await delay(20)) {
    if (await ask().catch(() => false)) return;
    if (performance.now() > deadline) throw new BenchError(`nobody answers on port ${port}`);
  }
}
