import { copyFileSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isPackage, program } from './program.ts';
import type { TempDir } from './temp-dir.ts';

/** Put before the program, runs it under a name that tells nobody what it is. */
export function underAnotherName(dir: TempDir): readonly string[] {
  const path = dir.join('jobs');
  copyFileSync(program, path);
  if (!isPackage) {
    const script = `${dirname(realpathSync(program))}/../dist/start-server-cached.cjs`;
    symlinkSync(script, dir.join('jobs.cjs'));
    // The launcher executes Node with the script's own name.
    const launcher = readFileSync(program, 'utf8');
    writeFileSync(path, launcher.replace(/"[^"\n]*start-server-cached\.cjs"/, `"${dir.join('jobs.cjs')}"`));
  }
  return ['sh', '-c', 'shift; exec "$0" "$@"', path];
}
