import { cpSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tempDir } from './temp-dir.ts';

export interface UnicornApp extends Disposable {
  readonly path: string;
  readonly socket: string;
  readonly statusFile: string;
  readonly pidFile: string;
  readonly command: readonly string[];
}

const example = fileURLToPath(new URL('../../examples/unicorn', import.meta.url));

/** A copy of examples/unicorn to run in. */
export function unicornApp(): UnicornApp {
  const dir = tempDir();
  cpSync(example, dir.path, { recursive: true });
  for (const name of ['tmp/sockets', 'tmp/pids']) mkdirSync(dir.join(name), { recursive: true });
  return {
    path: dir.path,
    socket: dir.join('tmp/sockets/unicorn.sock'),
    statusFile: dir.join('server.status'),
    pidFile: dir.join('tmp/pids/unicorn.pid'),
    command: 'bundle exec --keep-file-descriptors unicorn -c config/unicorn.conf config.ru'.split(' '),
    [Symbol.dispose]: dir[Symbol.dispose],
  };
}
