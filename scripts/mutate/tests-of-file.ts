// Who is asked about a slip outside the heart: the unit tests that import its file, and the end-to-end tests that are named for it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Those that reach least besides come first: they are most about it. */
const MOST_TESTS = 12;

/** By what they import, and that in turn. */
export function unitTestsOf(file: string): readonly string[] {
  return readdirSync('test/unit')
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => ({ path: `test/unit/${name}`, reached: reachedFrom(`test/unit/${name}`) }))
    .filter(({ reached }) => reached.has(file))
    .sort((a, b) => a.reached.size - b.reached.size)
    .slice(0, MOST_TESTS)
    .map(({ path }) => path);
}

function reachedFrom(start: string): ReadonlySet<string> {
  const reached = new Set([start]);
  for (const path of reached) for (const each of importsOf(path)) reached.add(each);
  return reached;
}

const known = new Map<string, readonly string[]>();

function importsOf(path: string): readonly string[] {
  const found = known.get(path) ?? importsIn(path);
  known.set(path, found);
  return found;
}

function importsIn(path: string): readonly string[] {
  if (!/\.(ts|mjs|cjs)$/.test(path)) return [];
  const text = readFileSync(path, 'utf8');
  const names = Array.from(text.matchAll(/(?:from|import|import\() ?'(\.[^']+)'/g), ([, name = '']) =>
    normalize(join(dirname(path), name)),
  );
  const elsewhere = Array.from(text.matchAll(/anotherProcess\('([^']+)'/g), ([, name]) => `src/${name}`);
  return [...names, ...elsewhere].filter((each) => existsSync(each));
}

/** Whoever takes longer does not end. */
const MOST_MS = 600_000;

/** Whether one fails with the program as it is in the copy; the first that does ends it. */
export async function endToEndFails(copy: string, names: readonly string[]): Promise<boolean> {
  if (names.length === 0) return false;
  const files = names.map((name) => `test/e2e/${name}.test.ts`);
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', '--bail=1'];
  return (await fails(copy, ['scripts/build.mjs'])) || (await fails(copy, [...vitest, ...files]));
}

/** If we are told to end meanwhile, it is, too. */
async function fails(copy: string, words: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, words, { cwd: copy, timeout: MOST_MS, stdio: 'ignore' });
  const end = () => child.kill();
  process.on('exit', end);
  const [status] = await once(child, 'exit');
  process.off('exit', end);
  return status !== 0;
}
