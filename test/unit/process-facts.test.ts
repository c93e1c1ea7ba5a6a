import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { isAlive, parentOf, startTimeOf } from '../../src/posix/process/process-facts.ts';

it('counts a process as alive until it has ended, reaped or not', async () => {
  const script = 'my $pid = fork; exit unless $pid; $| = 1; print $pid; sleep 1000';
  const parent = spawn('perl', ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [text] = await once(parent.stdout, 'data');
    const zombie = Number(text);
    while (isAlive(zombie)) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(parentOf(zombie)).toBe(parent.pid);
    expect(startTimeOf(zombie)).toBeGreaterThanOrEqual(startTimeOf(parent.pid ?? 0) ?? Number.NaN);
    expect(isAlive(parent.pid ?? 0)).toBe(true);
  } finally {
    parent.kill('SIGKILL');
  }
  await once(parent, 'exit');
  expect(isAlive(parent.pid ?? 0)).toBe(false);
});
