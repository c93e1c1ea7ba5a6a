import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SuperdaemonOptions } from '../../support/superdaemon.ts';
import type { TempDir } from '../../support/temp-dir.ts';
import type { Case } from './case.ts';

const script = fileURLToPath(new URL('./caller.pl', import.meta.url));

/** How the fixtures start this program, rather than the one that they would, in the state that the case wants. */
export function startedAs(
  program: string,
  { via = [], environment = {} }: Case,
  dir: TempDir,
): SuperdaemonOptions {
  return { cwd: dir.path, env: environment, via: [...via, 'perl', script, program] };
}

/** Open descriptors for the program to inherit, closed here afterwards. */
export function handedOver({ descriptors = [] }: Case): Disposable & { numbers: (number | undefined)[] } {
  const numbers = descriptors.map((each) => (each === undefined ? undefined : openSync(script, 'r')));
  return {
    numbers,
    [Symbol.dispose]: () => {
      for (const number of numbers) if (number !== undefined) closeSync(number);
    },
  };
}
