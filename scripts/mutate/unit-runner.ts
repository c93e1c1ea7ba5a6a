// Runs unit tests again and again in one process, which keeps what vitest has made of the files that have not changed. It ends
// where a slip makes it run for ever, and another one goes on.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createVitest, type TestSpecification, type Vitest } from 'vitest/node';

export const RUNNER = '--run-units';
/** Whoever takes more of the processor does not end. */
const MOST_SECONDS = 120;

interface Order {
  readonly changed: string;
  /** Parts of the names of the test files. */
  readonly tests: readonly string[];
}

export interface UnitRunner extends Disposable {
  /** Whether one of the tests fails, or does not end; the first that does ends it. */
  readonly fails: (order: Order) => Promise<boolean>;
}

/** In a process of its own, which works on the copy. */
export function unitRunner(copy: string): UnitRunner {
  let child: ChildProcess | undefined;
  const end = () => {
    child?.kill('SIGKILL');
    child = undefined;
  };
  return {
    fails: async (order) => {
      child ??= fork(process.argv[1] ?? '', [RUNNER], {
        cwd: copy,
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      child.send(order);
      const answer = await answerOf(child);
      if (answer === undefined) end();
      return answer ?? true;
    },
    [Symbol.dispose]: end,
  };
}

/** undefined: it has ended instead. */
async function answerOf(child: ChildProcess): Promise<boolean | undefined> {
  const listening = new AbortController();
  const answers = once(child, 'message', listening).then(([answer]) => answer === true);
  const ends = once(child, 'exit', listening).then(() => undefined);
  for (const each of [answers, ends]) each.catch(() => {});
  return await Promise.race([answers, ends]).finally(() => listening.abort());
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
    sequence: { sequencer: AsGiven },
  });
  process.on('disconnect', () => process.exit());
  process.on('message', async ({ changed, tests }: Order) => {
    using _limit = processorTime(MOST_SECONDS);
    process.send?.(await anyFails(vitest, changed, tests));
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

async function anyFails(vitest: Vitest, changed: string, tests: readonly string[]): Promise<boolean> {
  const found = await Promise.all(tests.map((test) => vitest.globTestSpecifications([test])));
  const files = [...new Map(found.flat().map((each) => [each.moduleId, each])).values()];
  vitest.invalidateFile(changed);
  vitest.state.filesMap.clear();
  vitest.state.idMap.clear();
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(files, false);
  return unhandledErrors.length > 0 || testModules.some((module) => !module.ok());
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
