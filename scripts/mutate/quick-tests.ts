// What the heart's tests use of vitest, which takes a second for each slip; of shrink.ts, whose short stories nobody reads here; and
// of the heart itself, which is another one for each slip. In a thread, which is asked again and again.

import { compileFunction } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { expect } from 'vitest';

export interface Asked {
  /** Of the heart's file that has slipped: its name, and what is in it. */
  readonly name: string;
  readonly code: string;
  readonly tests: readonly string[];
}

export type Said =
  /** Of the file that comes next. */
  | { readonly name: string }
  /** The first test that fails. */
  | { readonly failing: string | undefined };

type Module = Readonly<Record<string, unknown>>;
type Body = (...cells: readonly unknown[]) => unknown;
/** Options stand before its body, or behind. */
type Words = readonly [name: string, ...rest: readonly unknown[]];

interface Test {
  readonly name: string;
  readonly run: () => unknown;
}

export { expect };

export const describe = forEach(([, ...rest], cells) => bodyOf(rest)(...cells));

export const it = forEach(([name, ...rest], cells) => {
  tests.push({ name, run: () => bodyOf(rest)(...cells) });
});

export function shrink<Item>(items: readonly Item[]): readonly Item[] {
  return items;
}

/** The CommonJS of each of the heart's files. */
const codes: Readonly<Record<string, string>> = workerData;
const users = new Set<(load: (name: string) => Module) => void>();
let load = heartOf(codes);

/** Has it take what it uses from each heart that comes. */
export function onHeart(name: string, take: (module: Module) => void): void {
  const use = (load: (name: string) => Module) => take(load(name));
  users.add(use);
  use(load);
}

function heartOf(codes: Readonly<Record<string, string>>): (name: string) => Module {
  const loaded = new Map<string, { exports: Module }>();
  const load = (path: string): Module => {
    const name = path.replace('./', '').replace('.ts', '');
    const before = loaded.get(name);
    if (before !== undefined) return before.exports;
    const module = { exports: {} };
    loaded.set(name, module);
    compileFunction(codes[name] ?? '', ['module', 'require'])(module, load);
    return module.exports;
  };
  return load;
}

/** Of the file at hand. */
let tests: Test[] = [];

function forEach(take: (words: Words, cells: readonly unknown[]) => unknown) {
  const each =
    (rows: readonly unknown[]) =>
    (...words: Words) => {
      for (const row of rows) take(words, Array.isArray(row) ? row : [row]);
    };
  return Object.assign((...words: Words) => void take(words, []), { each });
}

function bodyOf(words: readonly unknown[]): Body {
  return words.find((word): word is Body => typeof word === 'function') ?? (() => {});
}

type Files = Readonly<Record<string, () => Promise<unknown>>>;

/** Ends where a test waits for what never comes: then there is nothing left to do. */
export function answer(files: Files): void {
  const known = new Map<string, readonly Test[]>();
  const failingOf = async (name: string): Promise<string | undefined> => {
    if (!known.has(name)) {
      tests = [];
      await files[name]?.();
      known.set(name, tests);
    }
    for (const test of known.get(name) ?? []) if (await fails(test)) return `${name}: ${test.name}`;
    return undefined;
  };
  parentPort?.on('message', async ({ name, code, tests }: Asked) => {
    parentPort?.unref();
    load = heartOf({ ...codes, [name]: code });
    for (const use of users) use(load);
    let failing: string | undefined;
    for (const name of tests) {
      say({ name });
      failing = await failingOf(name);
      if (failing !== undefined) break;
    }
    parentPort?.ref();
    say({ failing });
  });
}

function say(what: Said): void {
  parentPort?.postMessage(what);
}

async function fails({ run }: Test): Promise<boolean> {
  try {
    await run();
    return false;
  } catch {
    return true;
  }
}
