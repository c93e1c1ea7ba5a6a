// What --as=node preloads, as one file that any Node can read, for it is in all of them that a worker starts: a small program,
// and as text what only those run that serve (src/library/inherit/entry.ts).

import esbuild from 'esbuild';
import { namesIn } from './bundle.mjs';

const SOURCE = 'src/library/inherit';

// An exception shows the line that it comes from: not all of the file.
const options = {
  bundle: true,
  platform: 'node',
  logLevel: 'warning',
  format: 'cjs',
  minify: true,
  lineLimit: 150,
};

export function bundlePreload(outfile) {
  esbuild.buildSync({
    ...options,
    entryPoints: [`${SOURCE}/entry.ts`],
    target: 'es2018',
    define: { SERVING: textOf('serving'), LATER: textOf('later') },
    outfile,
  });
}

/** By itself esbuild would export getters, and the code that makes them would be a tenth of what the text costs a start. */
function textOf(module) {
  const names = namesIn(`${SOURCE}/${module}.ts`);
  const contents = `import { ${names} } from './${module}.ts'; module.exports = { ${names} };`;
  const { outputFiles } = esbuild.buildSync({
    ...options,
    stdin: { contents, resolveDir: SOURCE },
    banner: { js: '"use strict";' },
    target: 'node18',
    write: false,
  });
  return JSON.stringify(outputFiles[0].text);
}
