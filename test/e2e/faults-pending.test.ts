import { describe, expect } from 'vitest';
import { itOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { freeze } from '../support/proc.ts';
import { rounds } from '../support/rounds.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

const TOGETHER = rounds(30);
const APART = rounds(50);
const stopped = { code: 0, signal: null };

describe('what comes while the superdaemon is stopped (SIGSTOP) is made up for afterwards:', () => {
  itOurs('the death of the current worker', async () => {
    await using superdaemon = startSuperdaemon(['--interval=0', '--', 'sleep', '1000']);
    const worker = await workerPid(superdaemon);
    await freeze(superdaemon.pid);
    process.kill(worker, 'SIGKILL');
    superdaemon.signal('SIGCONT');
    await superdaemon.waitForLine(/^(new )?worker \d+ .*status:9/);
    await workerPid(superdaemon, 2);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual(stopped);
  });

  itOurs(
    'many HUPs, which make one deploy, and the death of the worker that they were to replace',
    async () => {
      using dir = tempDir();
      const notes = transcript(dir);
      await using superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], { env: notes.env });
      const worker = await workerPid(superdaemon);
      await notes.waitFor('1 started');
      await freeze(superdaemon.pid);
      for (let i = 0; i < 5; i += 1) superdaemon.signal('SIGHUP');
      process.kill(worker, 'SIGKILL');
      superdaemon.signal('SIGCONT');
      await notes.waitFor('2 started');
      superdaemon.signal('SIGTERM');
      expect(await superdaemon.ended()).toEqual(stopped);
      expect(superdaemon.log().match(/^received HUP/gm)).toHaveLength(1);
      expect(superdaemon.processes()).toEqual([]);
    },
  );

  itOurs('the death of the last worker while it was ending', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { 1: 'deaf' });
    await using superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], { env: notes.env });
    const worker = await workerPid(superdaemon);
    await notes.waitFor('1 started');
    superdaemon.signal('SIGTERM');
    await notes.waitFor('1 TERM');
    await freeze(superdaemon.pid);
    superdaemon.signal('SIGTERM');
    superdaemon.signal('SIGHUP');
    process.kill(worker, 'SIGKILL');
    superdaemon.signal('SIGCONT');
    expect(await superdaemon.ended()).toEqual(stopped);
    expect(superdaemon.log()).toMatch(/\nexiting\n$/);
    expect(superdaemon.log().match(/^starting new worker /gm)).toHaveLength(1);
  });
});

describe('HUP and TERM', () => {
  itOurs(
    `pending together stop it, ${TOGETHER} times out of ${TOGETHER}, and no worker is left`,
    async () => {
      for (let round = 0; round < TOGETHER; round += 1) {
        await using superdaemon = startSuperdaemon(['--interval=0', '--', 'sleep', '1000']);
        const worker = await workerPid(superdaemon);
        await freeze(superdaemon.pid);
        // In both orders, and with the death of the worker beside them in every third round.
        const order = ['SIGHUP', 'SIGTERM'] as const;
        for (const name of round % 2 === 0 ? order : order.toReversed()) superdaemon.signal(name);
        if (round % 3 === 0) process.kill(worker, 'SIGKILL');
        superdaemon.signal('SIGCONT');
        expect(await superdaemon.ended()).toEqual(stopped);
        expect(superdaemon.log()).toMatch(/\nexiting\n$/);
        expect(superdaemon.processes()).toEqual([]);
      }
    },
  );

  itOurs(
    `0 to 3 ms apart, TERM in the instant of the spawn, end it ${APART} times out of ${APART}`,
    async () => {
      for (let round = 0; round < APART; round += 1) {
        await using superdaemon = startSuperdaemon(['--interval=0', '--', 'sleep', '1000']);
        await superdaemon.waitForLine('starting new worker ');
        superdaemon.signal('SIGHUP');
        busyFor((round * 3) / APART);
        superdaemon.signal('SIGTERM');
        expect(await superdaemon.ended()).toEqual(stopped);
        expect(superdaemon.log()).toMatch(/\nexiting\n$/);
        expect(superdaemon.processes()).toEqual([]);
      }
    },
  );
});

/** Timers are too coarse for parts of a millisecond. */
function busyFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
