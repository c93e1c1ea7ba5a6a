import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { adoptedBy } from '../../src/posix/process/adopted.ts';

/** Their pids are more text than the kernel gives with one call. */
const MANY = 1500;

it('finds each of very many children of a process, time and again, and none once it has ended', async () => {
  const script = `for (1 .. ${MANY}) { fork or do { sleep 1000; exit } } $| = 1; print "all"; sleep 1000`;
  const parent = spawn('perl', ['-e', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { pid = 0 } = parent;
  const look = adoptedBy([process.pid, pid]);
  try {
    await once(parent.stdout, 'data');
    const found = new Set(look());
    expect(found.size).toBeGreaterThan(MANY);
    expect(found).toContain(pid);
    expect(new Set(look())).toEqual(found);
  } finally {
    process.kill(-pid, 'SIGKILL');
  }
  await once(parent, 'exit');
  expect(look()).not.toContain(pid);
});
