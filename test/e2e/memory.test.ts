import { describe, expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { itOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { mappedKb } from '../support/proc.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';

describe('a superdaemon whose worker runs', () => {
  itOurs('keeps fewer pages of program files than a Node process that does nothing', async () => {
    const idle = ['--', process.execPath, '-e', 'setInterval(() => {}, 1e6); console.log("idle")'];
    await using superdaemon = startSuperdaemon(['--interval=0', ...idle]);
    const bareNode = await workerPid(superdaemon);
    await eventually(() => expect(superdaemon.output()).toBe('idle\n'));
    await eventually(() => expect(mappedKb(superdaemon.pid)).toBeLessThan(0.7 * mappedKb(bareNode)));
  });
});
