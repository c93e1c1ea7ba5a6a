// scripts/stand-ins: what the bundler puts in the place of modules of Node's, as long as something in the bundle asks for them.

import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Who in the program imports which module of Node's. */
function importersOf(module: string): string[] {
  const { metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: ['src/cli.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['koffi', '@koromix/*'],
    supported: { 'dynamic-import': false },
    write: false,
    metafile: true,
  });
  return Object.entries(metafile.inputs)
    .filter(([, { imports }]) => imports.some(({ path }) => path.replace(/^node:/, '') === module))
    .map(([file]) => file);
}

it.each(['assert', 'child_process'])('the stand-in for %s is needed, by others than us', (module) => {
  const importers = importersOf(module);
  expect(importers).not.toEqual([]);
  expect(importers.filter((file) => file.startsWith('src/'))).toEqual([]);
});

it('the stand-in for sea is needed, by the one who asks whether this is a single executable', () => {
  expect(importersOf('sea')).toEqual(['src/posix/libc/embedded.cjs']);
});
