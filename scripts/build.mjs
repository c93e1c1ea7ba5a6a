// `npm run build`: what is installed, out of src/. Each step can be named: `node scripts/build.mjs bundle manual`.

import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { bundleInTwo, bundleWhole, external, standIns } from './bundle.mjs';
import { bundlePreload } from './bundle-preload.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const common = { bundle: true, platform: 'node', target: 'node20', logLevel: 'warning' };
const node = (...words) => execFileSync(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });

const steps = {
  bundle: () => bundleInTwo('dist'),

  /** For worker programs: an ES module and a CommonJS one, with types for both. */
  library: () => {
    rmSync('dist/library', { recursive: true, force: true });
    node(
      'node_modules/typescript/bin/tsc',
      ...['--ignoreConfig', 'src/library/index.ts', '--outDir', 'dist/library/esm'],
      ...['--declaration', '--emitDeclarationOnly', '--strict', '--allowImportingTsExtensions'],
      ...['--target', 'es2023', '--module', 'nodenext', '--types', 'node'],
    );
    cpSync('dist/library/esm', 'dist/library/cjs', { recursive: true });
    writeFileSync('dist/library/cjs/package.json', '{ "type": "commonjs" }\n');
    for (const [format, folder] of [
      ['esm', 'esm'],
      ['cjs', 'cjs'],
    ]) {
      const outfile = `dist/library/${folder}/index.js`;
      esbuild.buildSync({ ...common, entryPoints: ['src/library/index.ts'], format, outfile });
    }
    bundlePreload('dist/library/inherit.cjs');
    writeFileSync('dist/library/inherit.d.cts', 'export {};\n');
  },

  manual: () => {
    const outfile = 'dist/print-manual.cjs';
    const alias = { assert: standIns.assert };
    const entryPoints = ['src/command-line/manual/print.ts'];
    esbuild.buildSync({ ...common, entryPoints, format: 'cjs', external, alias, outfile });
    writeFileSync('dist/start-server.1', node(outfile));
    writeFileSync('dist/start_server.1', '.so man1/start-server.1\n');
    rmSync(outfile);
  },

  /** What V8 has made of the bundle, for the Node that builds it; any other goes without. */
  cache: () => {
    copyFileSync('scripts/code-cache/load.cjs', 'dist/start-server-cached.cjs');
    copyFileSync('scripts/code-cache/make.cjs', 'dist/make-code-cache.cjs');
    node('dist/make-code-cache.cjs');
  },
};

/** For the single file (scripts/package/), and only when it is named. */
const extra = { whole: () => bundleWhole('dist/package/program.cjs') };

mkdirSync('dist', { recursive: true });
const named = process.argv.slice(2);
for (const name of named.length > 0 ? named : Object.keys(steps)) await { ...steps, ...extra }[name]();
