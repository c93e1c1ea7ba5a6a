import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TempDir } from './temp-dir.ts';

const ours = fileURLToPath(new URL('../..', import.meta.url));

/** A place where one release of the program after another is installed, behind the same name. */
export interface Releases {
  /** What to start: a symbolic link to the current one. */
  readonly program: string;
  /** Installs another one; `change` makes it another, given the text of the bundle. */
  install(name: string, change?: (bundle: string) => string): void;
}

export function releases(dir: TempDir): Releases {
  const current = dir.join('start-server');
  const install: Releases['install'] = (name, change = (bundle) => bundle) => {
    const to = dir.join(name);
    mkdirSync(to);
    for (const part of ['bin', 'dist']) cpSync(`${ours}${part}`, `${to}/${part}`, { recursive: true });
    symlinkSync(`${ours}node_modules`, `${to}/node_modules`);
    const bundle = `${to}/dist/start-server.cjs`;
    const text = readFileSync(bundle, 'utf8');
    const changed = change(text);
    if (name !== 'first' && changed === text) throw new Error(`${name} is no different`);
    writeFileSync(bundle, changed);
    symlinkSync(`${to}/bin/start-server`, `${current}.new`);
    renameSync(`${current}.new`, current);
  };
  return { program: current, install };
}
