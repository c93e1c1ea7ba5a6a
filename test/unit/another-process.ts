// Runs an export of a module of ours in a process of its own: what a second superdaemon or another caller would see.

import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface AnotherProcess extends Disposable {
  /** Runs `code`, in which `ours` is the module and `words` what follows; `through` starts it by way of another program. */
  run(code: string, how?: Run): SpawnSyncReturns<Buffer>;
}

export interface Run {
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly through?: readonly [program: string, ...args: string[]];
}

/** `module`: its path below src/. */
export async function anotherProcess(module: string): Promise<AnotherProcess> {
  const dir: TempDir = tempDir();
  const outfile = dir.join('module.cjs');
  await build({
    entryPoints: [`${ROOT}src/${module}`],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['koffi'],
    logLevel: 'error',
  });
  return {
    run: (code, { words = [], environment = {}, through = [] } = {}) => {
      const script = `const ours = require(${JSON.stringify(outfile)}); const words = process.argv.slice(1);\n${code}`;
      const [program = '', ...args] = [...through, process.execPath, '-e', script, ...words];
      return spawnSync(program, args, {
        env: { ...environment, NODE_PATH: `${ROOT}node_modules` },
        timeout: 20_000,
      });
    },
    [Symbol.dispose]: () => dir[Symbol.dispose](),
  };
}
