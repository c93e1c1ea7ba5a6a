import { execaSync } from 'execa';
import { describe } from 'vitest';

/** Tests that need what the machine may forbid: where the command fails they are skipped, and said to be. */
export function describeWhere(
  what: string,
  [command = '', ...words]: readonly string[],
  tests: () => void,
): void {
  const { exitCode } = execaSync({ reject: false })(command, words);
  if (exitCode === 0) {
    describe(what, tests);
    return;
  }
  process.stderr.write(`SKIPPED: ${what} (not permitted here: ${command})\n`);
  describe.skip(`${what} (not permitted here: ${command})`, tests);
}

/** Put before a command, makes it PID 1 of a pid namespace with a /proc of its own, which ends with it. */
export const asPidOne: readonly string[] = [
  'unshare',
  '--pid',
  '--fork',
  '--mount',
  '--kill-child',
  'sh',
  '-c',
  'mount -t proc proc /proc && exec "$@"',
  'sh',
];
