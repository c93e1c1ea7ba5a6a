import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp-dir.ts';

const O_NONBLOCK = 0o4000;
/** Notes the flags of the standard streams, then has the superdaemon stop. */
const worker =
  'for fd in 0 1 2; do sed -n "s/^flags:\\s*//p" /proc/$$/fdinfo/$fd; done > "$0"; kill $PPID; exec sleep 1000';

it('the standard streams of a worker are blocking, although they are pipes that it shares with us', async () => {
  using dir = tempDir();
  const flags = dir.join('flags');
  const options = { stdin: 'pipe', reject: false, timeout: 15_000, forceKillAfterDelay: 1000 } as const;
  const { exitCode } = await execa(program, ['--interval=0', '--', 'sh', '-c', worker, flags], options);
  expect(exitCode).toBe(0);
  const nonBlocking = readFileSync(flags, 'utf8')
    .trim()
    .split('\n')
    .map((text) => (Number.parseInt(text, 8) & O_NONBLOCK) !== 0);
  expect(nonBlocking).toEqual([false, false, false]);
});
