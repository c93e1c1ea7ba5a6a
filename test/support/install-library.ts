import { mkdirSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };
import type { TempDir } from './temp-dir.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What `npm install` does, as far as programs in that directory can import the library then. */
export function installLibrary(dir: TempDir): void {
  mkdirSync(dir.join('node_modules'));
  for (const name of new Set([packageJson.name, 'superdaemon']))
    symlinkSync(root, dir.join(`node_modules/${name}`));
}
