import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir extends Disposable {
  readonly path: string;
  /** The absolute path of a name in the directory. */
  readonly join: (name: string) => string;
}

/** A directory of its own, removed with all that is in it: `using dir = tempDir()`. */
export function tempDir(): TempDir {
  const path = mkdtempSync(join(tmpdir(), 'start-server-'));
  return {
    path,
    join: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
