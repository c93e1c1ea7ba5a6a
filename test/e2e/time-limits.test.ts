import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

describeOurs('--kill-old-timeout', () => {
  it('kills the old worker that ignores its signal, once, after that time', async () => {
    using dir = tempDir();
    const told = transcript(dir, { 1: 'deaf', all: 'live' });
    const args = ['--interval=0', '--kill-old-timeout=0.5', '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: told.env });
    await told.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^worker \d+ has not gone in time, sending KILL to it$/);
    await superdaemon.waitForLine(/^old worker \d+ died, status:9$/);
    expect(told.lines()).toHaveLength(3);
    expect(told.lines()).toContain('1 TERM');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.log().match(/sending KILL/g)).toHaveLength(1);
  });

  it('leaves one that is slow, but in time, in peace', async () => {
    using dir = tempDir();
    const slow = '$SIG{TERM} = sub { sleep 1; exit 7 }; print "up\\n"; sleep 1000';
    const args = ['--interval=0', '--kill-old-timeout=30', '--', 'perl', '-e', `$| = 1; ${slow}`];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await superdaemon.waitForLine('starting new worker');
    await eventually(() => expect(superdaemon.output()).toBe('up\n'));
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^old worker \d+ died, status:1792$/);
    expect(superdaemon.log()).not.toContain('KILL');
  });
});

describeOurs('--stop-timeout', () => {
  it('kills those that have not gone by then, so that the stop ends', async () => {
    using dir = tempDir();
    const told = transcript(dir, { all: 'deaf' });
    await using superdaemon = startSuperdaemon(['--stop-timeout=0.5', '--', ...actor], { env: told.env });
    await told.waitFor('1 started');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.log()).toMatch(/\nworker \d+ has not gone in time, sending KILL to it\n/);
    expect(superdaemon.log()).toMatch(/\nworker \d+ died, status:9\nexiting\n$/);
    expect(told.lines()).toEqual(['1 started', '1 TERM']);
  });
});

describeOurs('a worker that never becomes ready', () => {
  it('is signalled, then killed, and the old one serves on', async () => {
    using dir = tempDir();
    const files = ['--pid-file=pid', '--status-file=status'];
    const told = transcript(dir, { 1: 'live', 2: 'deaf' });
    const limits = ['--ready-timeout=0.4', '--kill-old-timeout=0.4', '--max-start-attempts=1'];
    const probe = '--ready=exec:test "$SERVER_STARTER_GENERATION" = 1';
    const args = ['--interval=0', probe, ...limits, ...files, '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, env: told.env });
    await told.waitFor('1 started');
    const { code, stderr } = await run(['--restart', '--quiet', ...files], { cwd: dir.path });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /deploy failed: gave up after 1 attempt, generation 1 keeps serving: worker \d+ was not ready within 0\.4 secs$/m,
    );
    await superdaemon.waitForLine(/^new worker \d+ seems to have failed to start, exit status:9$/);
    expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:\d+\n$/);
    expect(told.lines()).toEqual(['1 started', '2 started', '2 TERM']);
  });
});

describe('without time limits', () => {
  it('waits for a worker that ignores its signal for as long as it lives', async () => {
    using dir = tempDir();
    const told = transcript(dir, { all: 'deaf' });
    await using superdaemon = startSuperdaemon(['--', ...actor], { env: told.env });
    await told.waitFor('1 started');
    superdaemon.signal('SIGTERM');
    await told.waitFor('1 TERM');
    expect(superdaemon.processes()).toHaveLength(2);
  });
});
