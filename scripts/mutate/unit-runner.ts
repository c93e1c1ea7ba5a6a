// Runs unit tests again and again in one process, which keeps what vitest has made of the files that have not changed. It ends
// where a slip makes it run for ever, and another one goes on.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createVitest, type TestSpecification, type Vitest } from 'vitest/node';

export const RUNNER = '--run-units';
/** Whoever takes more of the processor does not end; nor who waits for so long, in a process that is `fresh`. */
const MOST_SECONDS = 120;
const LONGEST_MS = 300_000;
const NEVER_MS = 3_600_000;

interface Order {
  readonly changed: string;
  /** Parts of the names of the test files. */
  readonly tests: readonly string[];
}

export interface UnitRunner extends Disposable {
  /** The first file with a test that fails, or that does not end; undefined: none does. */
  readonly failing: (order: Order) => Promise<string | undefined>;
}

interface Answer {
  readonly failing?: string;
}

/** In a process of its own, which works on the copy; `fresh`: in another one each time, for tests that look at their process. */
export function unitRunner(copy: string, { fresh }: { readonly fresh: boolean }): UnitRunner {
  let child: ChildProcess | undefined;
  const end = () => {
    child?.kill('SIGKILL');
    child = undefined;
  };
  return {
    failing: async (order) => {
      if (order.tests.length === 0) return undefined;
      child ??= fork(process.argv[1] ?? '', [RUNNER], {
        cwd: copy,
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      child.send(order);
      const answer = await answerOf(child, fresh ? LONGEST_MS : NEVER_MS);
      if (answer === undefined || fresh) end();
      return answer === undefined ? 'does not end' : answer.failing;
    },
    [Symbol.dispose]: end,
  };
}

/** undefined: it has ended instead, or its time is over. */
async function answerOf(child: ChildProcess, limitMs: number): Promise<Answer | undefined> {
  const listening = new AbortController();
  const answers = once(child, 'message', listening).then(([answer]) => answer);
  const ends = once(child, 'exit', listening).then(() => undefined);
  const late = delay(limitMs, undefined, listening);
  for (const each of [answers, ends, late]) each.catch(() => {});
  return await Promise.race([answers, ends, late]).finally(() => listening.abort());
}

/** The process itself. */
export async function runUnits(): Promise<void> {
  const vitest = await createVitest('test', {
    config: 'test/vitest.config.ts',
    project: ['unit'],
    bail: 1,
    pool: 'threads',
    maxWorkers: 1,
    isolate: false,
    watch: false,
    reporters: [{}],
    // On a machine that has other things to do.
    ...{ testTimeout: NEVER_MS, hookTimeout: NEVER_MS },
    sequence: { sequencer: AsGiven },
  });
  process.on('disconnect', () => process.exit());
  process.on('message', async ({ changed, tests }: Order) => {
    using _limit = processorTime(MOST_SECONDS);
    process.send?.({ failing: await firstFailing(vitest, changed, tests) });
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

async function firstFailing(
  vitest: Vitest,
  changed: string,
  tests: readonly string[],
): Promise<string | undefined> {
  const found = await Promise.all(tests.map((test) => vitest.globTestSpecifications([test])));
  const files = [...new Map(found.flat().map((each) => [each.moduleId, each])).values()];
  vitest.invalidateFile(changed);
  vitest.state.filesMap.clear();
  vitest.state.idMap.clear();
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(files, false);
  const failed = testModules.find((module) => module.state() === 'failed');
  if (failed !== undefined) return basename(failed.moduleId, '.test.ts');
  return unhandledErrors.length > 0 ? 'an error of its own' : undefined;
}

/** Ends the process, whose tests run in another thread, when it has taken so much. */
function processorTime(seconds: number): Disposable {
  const before = process.cpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    if (user + system > seconds * 1_000_000) process.exit(1);
  }, 1_000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
