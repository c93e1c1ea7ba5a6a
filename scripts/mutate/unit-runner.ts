// Runs unit tests in a process of its own each time, for some of them look at theirs.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createVitest, type TestSpecification } from 'vitest/node';

export const RUN_UNITS = '--run-units';
/** Whoever waits for so long does not end. */
const LONGEST_MS = 300_000;
/** Of a test that waits: long, on a machine that has other things to do. */
const PATIENCE_MS = 40_000;

export interface UnitRunner extends Disposable {
  /** The first file with a test that fails, or that does not end; undefined: none does. `tests`: parts of the names of the files. */
  readonly failing: (tests: readonly string[]) => Promise<string | undefined>;
}

interface Answer {
  readonly failing?: string;
}

/** Works on the copy. */
export function unitRunner(copy: string): UnitRunner {
  let child: ChildProcess | undefined;
  const end = () => {
    // With the processes that vitest has started.
    if (child?.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    child = undefined;
  };
  return {
    failing: async (tests) => {
      if (tests.length === 0) return undefined;
      child = fork(process.argv[1] ?? '', [RUN_UNITS], {
        cwd: copy,
        detached: true,
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      child.send(tests);
      const answer = await answerOf(child);
      end();
      return answer === undefined ? 'does not end' : answer.failing;
    },
    [Symbol.dispose]: end,
  };
}

/** undefined: it has ended instead, or its time is over. */
async function answerOf(child: ChildProcess): Promise<Answer | undefined> {
  const listening = new AbortController();
  const answers = once(child, 'message', listening).then(([answer]) => answer);
  const ends = once(child, 'exit', listening).then(() => undefined);
  const late = delay(LONGEST_MS, undefined, listening);
  for (const each of [answers, ends, late]) each.catch(() => {});
  return await Promise.race([answers, ends, late]).finally(() => listening.abort());
}

/** The process itself. */
export async function runUnits(): Promise<void> {
  process.on('disconnect', () => process.exit());
  process.once('message', async (tests: readonly string[]) => {
    process.send?.({ failing: await firstFailing(tests) });
  });
}

/** Each file in the order of the words that chose it. */
class AsGiven {
  shard(files: TestSpecification[]): TestSpecification[] {
    return files;
  }
  sort(files: TestSpecification[]): TestSpecification[] {
    return files;
  }
}

async function firstFailing(tests: readonly string[]): Promise<string | undefined> {
  const vitest = await createVitest('test', {
    config: 'test/vitest.config.ts',
    project: ['unit'],
    bail: 1,
    maxWorkers: 1,
    watch: false,
    reporters: [{}],
    ...{ testTimeout: PATIENCE_MS, hookTimeout: PATIENCE_MS },
    sequence: { sequencer: AsGiven },
  });
  const found = await Promise.all(tests.map((test) => vitest.globTestSpecifications([test])));
  const files = [...new Map(found.flat().map((each) => [each.moduleId, each])).values()];
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(files, false);
  const failed = testModules.find((module) => module.state() === 'failed');
  if (failed !== undefined) return basename(failed.moduleId, '.test.ts');
  return unhandledErrors.length > 0 ? 'an error of its own' : undefined;
}
