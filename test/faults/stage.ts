// Where a life takes place: a directory, ports, and a service that is to be started.

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePortRow } from '../support/free-port.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { Service, type Target } from './service.ts';
import type { Setting } from './settings.ts';

export interface Stage extends AsyncDisposable {
  readonly service: Service;
  readonly targets: readonly Target[];
  readonly pidFile: string;
  readonly isThere: (name: string) => boolean;
  /** From now on calls fail, or no longer (FAULTS_WHILE). */
  readonly trouble: (isThere: boolean) => void;
}

const INJECT = fileURLToPath(new URL('inject.cjs', import.meta.url));
/** Rows that no life has now: there are not enough for each life of a sweep to have its own. */
const rows: number[] = [];
const ROW = 4;

/** `faults`: see inject.cjs. */
export async function setUp(
  setting: Setting,
  faults: (dir: TempDir) => Readonly<Record<string, string>>,
): Promise<Stage> {
  const dir = tempDir();
  const port = rows.pop() ?? (await freePortRow(ROW));
  mkdirSync(dir.join('tmp'));
  setting.prepare(dir.join);
  const files = ['--pid-file=pid', '--status-file=status', '--path=socket', `--port=127.0.0.1:${port}`];
  const args = ['--interval=0', ...files, ...setting.options(port + 1), '--', ...setting.command];
  const env = {
    TMPDIR: dir.join('tmp'),
    START_SERVER_NODE_OPTIONS: `--require=${INJECT}`,
    ...faults(dir),
  };
  const targets = [{ path: dir.join('socket') }, { port }];
  const service = new Service({ dir: dir.path, targets, args, env });
  return {
    service,
    targets,
    pidFile: dir.join('pid'),
    isThere: (name) => existsSync(dir.join(name)),
    trouble: (isThere) => {
      if (isThere) writeFileSync(dir.join('trouble'), '');
      else rmSync(dir.join('trouble'), { force: true });
    },
    [Symbol.asyncDispose]: async () => {
      await service[Symbol.asyncDispose]();
      dir[Symbol.dispose]();
      rows.push(port);
    },
  };
}
