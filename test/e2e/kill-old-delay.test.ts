import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { maskedLog } from '../support/masked-log.ts';
import { describeOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { type Transcript, transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

/** With the second generation current and the first waiting for its signal. */
async function startInDelay(notes: Transcript, options: readonly string[]): Promise<Superdaemon> {
  const superdaemon = startSuperdaemon([...options, '--', ...actor], { env: notes.env });
  await notes.waitFor('1 started');
  superdaemon.signal('SIGHUP');
  await superdaemon.waitForLine('sleeping ');
  await notes.waitFor('2 started');
  return superdaemon;
}

describe('--kill-old-delay', () => {
  it('puts off the signal to the old worker, and says so', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const before = performance.now();
    await using superdaemon = await startInDelay(notes, ['--interval=0', '--kill-old-delay=1']);
    await superdaemon.waitForLine('old worker ');
    expect(performance.now() - before).toBeGreaterThanOrEqual(990);
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
    expect(notes.lines()).toEqual(['1 started', '2 started', '1 TERM', '2 TERM']);
    expect(maskedLog(superdaemon)).toEqual([
      'start_server (pid:S) starting now...',
      'starting new worker W1',
      'received HUP, spawning a new worker',
      'starting new worker W2',
      'new worker is now running, sending TERM to old workers:W1',
      'sleeping 1 secs before killing old workers',
      'killing old workers',
      'old worker W1 died, status:0',
      'received TERM, sending TERM to all workers:W2',
      'worker W2 died, status:0',
      'exiting',
    ]);
  });

  it.each([
    { options: ['--kill-old-delay=0'] },
    { options: ['--kill-old-delay=0', '--enable-auto-restart'] },
  ])('of 0 is none: $options', async ({ options }) => {
    using dir = tempDir();
    const notes = transcript(dir);
    const args = ['--interval=0', ...options, '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('old worker ');
    expect(maskedLog(superdaemon).slice(-3)).toEqual([
      'new worker is now running, sending TERM to old workers:W1',
      'killing old workers',
      'old worker W1 died, status:0',
    ]);
  });

  it('can come from the environment, and the option overrides it', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const env = { ...notes.env, KILL_OLD_DELAY: '700' };
    await using inherited = startSuperdaemon(['--interval=0', '--', ...actor], { env });
    await notes.waitFor('1 started');
    inherited.signal('SIGHUP');
    await inherited.waitForLine('sleeping 700 secs before killing old workers');
    await using overridden = startSuperdaemon(['--interval=0', '--kill-old-delay=0', '--', ...actor], {
      env,
    });
    const worker = await workerPid(overridden);
    await eventually(() => expect(notes.lines().filter((line) => line === '1 started')).toHaveLength(2));
    overridden.signal('SIGHUP');
    await overridden.waitForLine(`old worker ${worker} died, status:0`);
  });

  it('is 5 seconds with --enable-auto-restart', async () => {
    using dir = tempDir();
    await using superdaemon = await startInDelay(transcript(dir), ['--interval=0', '--enable-auto-restart']);
    expect(superdaemon.log()).toContain('\nsleeping 5 secs before killing old workers\n');
  });
});

// Each delay here is longer than any test may take: whatever happens, happens during it.
describeOurs('during the delay', () => {
  const tenMinutes = '--kill-old-delay=600';

  it('TERM ends all workers at once', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = await startInDelay(notes, [
      '--interval=0',
      tenMinutes,
      '--signal-on-term=USR1',
    ]);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(notes.lines().slice(2).sort()).toEqual(['1 USR1', '2 USR1']);
    expect(maskedLog(superdaemon).slice(6, 7)).toEqual(['received TERM, sending USR1 to all workers:W1,W2']);
  });

  it('the death of the old worker is noticed', async () => {
    using dir = tempDir();
    await using superdaemon = await startInDelay(transcript(dir), ['--interval=0', tenMinutes]);
    const old = await workerPid(superdaemon, 1);
    process.kill(old, 'SIGKILL');
    await superdaemon.waitForLine(`old worker ${old} died, status:9`);
  });

  it('the death of the new worker is noticed, and another started', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = await startInDelay(notes, ['--interval=0', tenMinutes]);
    const current = await workerPid(superdaemon, 2);
    process.kill(current, 'SIGKILL');
    await superdaemon.waitForLine(`worker ${current} died unexpectedly with status:9, restarting`);
    await notes.waitFor('3 started');
  });

  it('HUP starts the next generation', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = await startInDelay(notes, ['--interval=0', tenMinutes]);
    superdaemon.signal('SIGHUP');
    await notes.waitFor('3 started');
    const [first, second] = [await workerPid(superdaemon, 1), await workerPid(superdaemon, 2)];
    await superdaemon.waitForLine(
      `new worker is now running, sending TERM to old workers:${first},${second}`,
    );
  });
});

describeOurs('when the new worker dies during the delay', () => {
  it('the old one is told only when a replacement has started', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { 3: 'exit 1' });
    await using superdaemon = await startInDelay(notes, ['--interval=1', '--kill-old-delay=1']);
    process.kill(await workerPid(superdaemon, 2), 'SIGKILL');
    await notes.waitFor('1 TERM');
    expect(notes.lines()).toEqual(['1 started', '2 started', '3 started', '4 started', '1 TERM']);
  });
});
