// The program as two files. V8 makes an object of every function in a file, called or not: what most superdaemons never need
// (the clients, JSON, the dry run) would cost each start two milliseconds. So it is the rest, a file of its own, loaded
// on demand; what both need it takes from the first, so that no module is there twice.

import { relative } from 'node:path';
import esbuild from 'esbuild';

const PROGRAM = 'src/cli.ts';
const REST = './start-server-rest.cjs';
/** Behind these imports lies the rest. All are made in the first moments: an installation replaces both files beneath a superdaemon. */
const GATES = [
  'src/client/run-client.ts',
  'src/command-line/completion/completion.ts',
  'src/files/json-format.ts',
  'src/metrics/metrics-file.ts',
  'src/start/daemonize.ts',
  'src/start/dry-run.ts',
  'src/start/unit/print-unit.ts',
];

/** What the bundler puts in the place of a module of Node's: each says why, and what would tell that it can go. */
export const standIns = {
  assert: './scripts/stand-ins/assert.cjs',
  'node:child_process': './scripts/stand-ins/child-process.cjs',
};
/** koffi finds its own binary, by platform. */
export const external = ['koffi', '@koromix/*'];

/** import() is compiled to require(): what is in a file is loaded without another. */
const options = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  format: 'cjs',
  minifyWhitespace: true,
  minifySyntax: true,
  external,
  alias: standIns,
  supported: { 'dynamic-import': false },
};

const installed = { ...options, alias: { ...standIns, 'node:sea': './scripts/stand-ins/sea.cjs' } };

/** Both files, into `directory`. */
export async function bundleInTwo(directory) {
  const program = await modulesOf(PROGRAM);
  const shared = new Set();
  await esbuild.build({
    ...installed,
    stdin: source(GATES.map((gate) => `export * from './${gate}';`)),
    plugins: [takeShared(program, shared)],
    outfile: `${directory}/${REST}`,
  });
  await esbuild.build({
    ...installed,
    stdin: source(sharing([...shared].sort())),
    plugins: [leaveRest],
    outfile: `${directory}/start-server.cjs`,
  });
}

/** As one file, which needs no other. */
export async function bundleWhole(outfile) {
  await esbuild.build({ ...options, entryPoints: [PROGRAM], outfile });
}

/** Those that are there from the start: what is behind import() is not. */
async function modulesOf(entry) {
  const { metafile } = await esbuild.build({
    ...options,
    entryPoints: [entry],
    outfile: 'program.cjs',
    write: false,
    metafile: true,
  });
  const found = new Set();
  const waiting = [entry];
  for (const path of waiting) {
    if (found.has(path)) continue;
    found.add(path);
    const imports = metafile.inputs[path].imports.filter(
      (each) => !each.external && each.kind !== 'dynamic-import',
    );
    waiting.push(...imports.map((each) => each.path));
  }
  return found;
}

const source = (lines) => ({ contents: lines.join('\n'), resolveDir: '.', loader: 'js' });

/** The program, and a function that gives the rest these modules of it. */
function sharing(modules) {
  const entries = modules.map((path, number) => {
    if (!path.endsWith('.ts')) return { import: '', value: `require('./${path}')` };
    const names = namesIn(path);
    const local = names.map((name) => `${name} as ${name}${number}`);
    const getters = names.map((name) => `get ${name}() { return ${name}${number}; }`);
    return { import: `import { ${local} } from './${path}';`, value: `{ ${getters} }` };
  });
  const values = entries.map(({ value }, number) => `${JSON.stringify(modules[number])}: ${value}`);
  return [
    `import './${PROGRAM}';`,
    ...entries.map((each) => each.import),
    `export function shared() { return { ${values} }; }`,
  ];
}

/** That a module exports. */
export function namesIn(path) {
  const { metafile } = esbuild.buildSync({
    entryPoints: [path],
    outfile: 'names.js',
    write: false,
    metafile: true,
    format: 'esm',
  });
  return metafile.outputs['names.js'].exports;
}

const leaveRest = {
  name: 'leave the rest',
  setup(build) {
    build.onResolve({ filter: /^\./ }, async ({ kind, path, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === 'asked') return undefined;
      const found = await build.resolve(path, { kind, resolveDir, pluginData: 'asked' });
      return GATES.includes(relative('.', found.path)) ? { path: REST, external: true } : undefined;
    });
  },
};

/** Notes in `shared` what the rest takes from the program. */
function takeShared(program, shared) {
  return {
    name: 'take what is shared',
    setup(build) {
      build.onResolve({ filter: /./ }, async ({ kind, path, resolveDir, pluginData }) => {
        if (kind === 'entry-point' || pluginData === 'asked') return undefined;
        const found = await build.resolve(path, { kind, resolveDir, pluginData: 'asked' });
        const module = relative('.', found.path);
        if (found.external || !program.has(module)) return undefined;
        shared.add(module);
        return { path: module, namespace: 'shared' };
      });
      build.onLoad({ filter: /./, namespace: 'shared' }, ({ path }) => ({
        contents: `module.exports = require.main.exports.shared()[${JSON.stringify(path)}];`,
      }));
    },
  };
}
