// `npm run build`: what is installed, out of src/. Each step can be named: `node scripts/build.mjs bundle manual`.

import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const common = { bundle: true, platform: 'node', target: 'node20', logLevel: 'warning' };
/** koffi finds its own binary, by platform. */
const external = ['koffi', '@koromix/*'];
/** What the bundler puts in the place of a module of Node's: each says why, and what would tell that it can go. */
const standIns = {
  assert: './scripts/stand-ins/assert.cjs',
  'node:child_process': './scripts/stand-ins/child-process.cjs',
};
const node = (...words) => execFileSync(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });

const steps = {
  /** The program, in one file. import() is compiled to require(): everything is in it. */
  bundle: () =>
    esbuild.buildSync({
      ...common,
      entryPoints: ['src/cli.ts'],
      format: 'cjs',
      minifyWhitespace: true,
      minifySyntax: true,
      external,
      alias: standIns,
      supported: { 'dynamic-import': false },
      outfile: 'dist/start-server.cjs',
    }),

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
    // One file that any Node can read, for it is in all of them that a worker starts.
    esbuild.buildSync({
      ...common,
      entryPoints: ['src/library/inherit/entry.cjs'],
      format: 'cjs',
      target: 'es2018',
      minify: true,
      outfile: 'dist/library/inherit.cjs',
    });
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

mkdirSync('dist', { recursive: true });
const named = process.argv.slice(2);
for (const name of named.length > 0 ? named : Object.keys(steps)) steps[name]();
