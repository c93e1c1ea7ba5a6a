// Who notices a slip outside the heart: the unit tests that reach its file, and then the end-to-end tests that are named for it. They
// work on a copy.

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Slip, Tests } from './slips.ts';
import { endToEndFails, unitTestsOf } from './tests-of-file.ts';
import { type UnitRunner, unitRunner } from './unit-runner.ts';

export function otherTests(): Tests {
  let copy: string | undefined;
  let runner: UnitRunner | undefined;
  return {
    noticedBy: (slip) => {
      copy ??= copyOfAll();
      runner ??= unitRunner(copy);
      return noticedBy(slip, copy, runner);
    },
    [Symbol.dispose]: () => {
      runner?.[Symbol.dispose]();
      if (copy !== undefined) rmSync(copy, { recursive: true, force: true });
    },
  };
}

/** undefined, too, where that fails with the program as it is. */
async function noticedBy(
  { file, text, e2e = [] }: Slip,
  copy: string,
  runner: UnitRunner,
): Promise<string | undefined> {
  const path = join(copy, file);
  const sound = readFileSync(path);
  const tests = unitTestsOf(file);
  const inUnits = () => runner.failing(tests);
  const inE2e = async () => ((await endToEndFails(copy, e2e)) ? `${e2e}` : undefined);
  for (const failing of [inUnits, inE2e]) {
    writeFileSync(path, text);
    const by = await failing();
    writeFileSync(path, sound);
    if (by !== undefined && (await failing()) === undefined) return by;
  }
  return undefined;
}

function copyOfAll(): string {
  const copy = mkdtempSync(join(tmpdir(), 'superdaemon-mutate-'));
  const isOurs = (path: string) => !['.git', 'dist', 'node_modules'].includes(basename(path));
  cpSync('.', copy, { recursive: true, filter: isOurs });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  return copy;
}
