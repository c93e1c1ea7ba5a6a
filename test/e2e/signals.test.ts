import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { maskedLog } from '../support/masked-log.ts';
import { itOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { freeze, pendingSignals } from '../support/proc.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

describe('TERM', () => {
  it.each([
    { option: [], name: 'TERM' },
    { option: ['--signal-on-term=QUIT'], name: 'QUIT' },
    { option: ['--signal-on-term=quit'], name: 'QUIT' },
    { option: ['--signal-on-term=SIGUSR1'], name: 'USR1' },
    { option: ['--signal-on-term=sigInt'], name: 'INT' },
    { option: ['--signal-on-hup=QUIT'], name: 'TERM' },
  ])('sends $name to the workers with $option', async ({ option, name }) => {
    using dir = tempDir();
    const notes = transcript(dir);
    const args = ['--interval=0', ...option, '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(notes.lines()).toEqual(['1 started', `1 ${name}`]);
    expect(maskedLog(superdaemon).slice(2)).toEqual([
      `received TERM, sending ${name} to all workers:W1`,
      'worker W1 died, status:0',
      'exiting',
    ]);
  });

  it('takes a number for a name', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const args = ['--interval=0', '--signal-on-term=10', '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
    expect(notes.lines()).toEqual(['1 started', '1 USR1']);
  });

  it('is obeyed at once while the first worker is being tried', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = startSuperdaemon(['--interval=1000', '--', ...actor], { env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(maskedLog(superdaemon).slice(2)).toEqual([
      'received TERM, sending TERM to all workers:W1',
      'worker W1 died, status:0',
      'exiting',
    ]);
  });

  it('stops the new worker of a deploy and the old one', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = startSuperdaemon(['--interval=2', '--', ...actor], { env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await notes.waitFor('2 started');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(notes.lines().slice(2).sort()).toEqual(['1 TERM', '2 TERM']);
    expect(superdaemon.log()).toMatch(/\nexiting\n$/);
  });

  it('again, or HUP or INT, is ignored while the workers are ending', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { 1: 'deaf' });
    await using superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], { env: notes.env });
    const worker = await workerPid(superdaemon);
    await notes.waitFor('1 started');
    superdaemon.signal('SIGTERM');
    await notes.waitFor('1 TERM');
    for (const name of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) superdaemon.signal(name);
    await eventually(() => expect(pendingSignals(superdaemon.pid)).toBe(0n));
    process.kill(worker, 'SIGKILL');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(notes.lines()).toEqual(['1 started', '1 TERM']);
    expect(maskedLog(superdaemon).slice(2)).toEqual([
      'received TERM, sending TERM to all workers:W1',
      'worker W1 died, status:9',
      'exiting',
    ]);
  });

  itOurs('wins over a HUP that has come together with it', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], { env: notes.env });
    await notes.waitFor('1 started');
    await freeze(superdaemon.pid);
    superdaemon.signal('SIGHUP');
    superdaemon.signal('SIGTERM');
    superdaemon.signal('SIGCONT');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.log()).toMatch(/\nexiting\n$/);
    expect(superdaemon.processes()).toEqual([]);
  });
});

describe('INT', () => {
  it('sends TERM to the workers, whatever the options say', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const args = ['--interval=0', '--signal-on-term=QUIT', '--signal-on-hup=QUIT', '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGINT');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(notes.lines()).toEqual(['1 started', '1 TERM']);
    expect(maskedLog(superdaemon).slice(2)).toEqual([
      'received INT, sending TERM to all workers:W1',
      'worker W1 died, status:0',
      'exiting',
    ]);
  });
});

describe('QUIT', () => {
  itOurs('does as INT does', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const args = ['--interval=0', '--signal-on-term=USR1', '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGQUIT');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(notes.lines()).toEqual(['1 started', '1 TERM']);
    expect(maskedLog(superdaemon).slice(2)).toEqual([
      'received QUIT, sending TERM to all workers:W1',
      'worker W1 died, status:0',
      'exiting',
    ]);
  });
});
