// `node scripts/run.mjs FILE.ts [WORD ...]`: bundles a program of the repository (demo, benchmark, docs) into dist/, and runs it.
// With --cjs as a CommonJS one: what reaches into src/posix needs that, for koffi's sake.

import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import esbuild from 'esbuild';

const isCommonJs = process.argv[2] === '--cjs';
const [file = '', ...words] = process.argv.slice(isCommonJs ? 3 : 2);
const outfile = `dist/${basename(file, '.ts')}.${isCommonJs ? 'cjs' : 'mjs'}`;
const format = isCommonJs
  ? { format: 'cjs', external: ['koffi', '@koromix/*'], alias: { assert: './scripts/stand-ins/assert.cjs' } }
  : { format: 'esm', packages: 'external' };
esbuild.buildSync({
  entryPoints: [file],
  bundle: true,
  platform: 'node',
  target: 'node20',
  outfile,
  logLevel: 'warning',
  ...format,
});
process.exitCode = spawnSync(process.execPath, [outfile, ...words], { stdio: 'inherit' }).status ?? 1;
