// `node scripts/run.mjs FILE.ts [WORD ...]`: bundles a program of the repository (demo, benchmark, docs) into dist/, and runs it.

import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import esbuild from 'esbuild';

const [file = '', ...words] = process.argv.slice(2);
const outfile = `dist/${basename(file, '.ts')}.mjs`;
esbuild.buildSync({
  entryPoints: [file],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  outfile,
  // CommonJS modules in it want it.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
process.exitCode = spawnSync(process.execPath, [outfile, ...words], { stdio: 'inherit' }).status ?? 1;
