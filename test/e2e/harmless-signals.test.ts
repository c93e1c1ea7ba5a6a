import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs, itOurs } from '../support/ours.ts';
import { pendingSignals } from '../support/proc.ts';
import { type Superdaemon, type SuperdaemonOptions, startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

describe('other signals never end it', () => {
  const expectUnharmedBy = async (name: NodeJS.Signals) => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], { env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal(name);
    await eventually(() => expect(pendingSignals(superdaemon.pid)).toBe(0n));
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('old worker ');
    await notes.waitFor('2 started');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(notes.lines().sort()).toEqual(['1 TERM', '1 started', '2 TERM', '2 started']);
  };

  it.each(['SIGALRM', 'SIGCHLD', 'SIGPIPE', 'SIGCONT', 'SIGWINCH'] as const)('%s', expectUnharmedBy);
});

/** Those that end it by design, those that stop it, those that say that a program is broken, and the C library's own. */
const meant = new Set(
  ['TERM INT QUIT KILL', 'STOP TSTP TTIN TTOU', 'ILL TRAP ABRT BUS FPE SEGV SYS', 'HUP USR2', '32 33 34']
    .join(' ')
    .split(' ')
    .map((name) => (/\d/.test(name) ? Number(name) : constants.signals[`SIG${name}` as NodeJS.Signals])),
);
const stray = Array.from({ length: 64 }, (_, index) => index + 1).filter((signal) => !meant.has(signal));

describeOurs('every other signal that there is', () => {
  /** In the order of their numbers, and one HUP and one USR2 behind them that show that it lives and hears. */
  const send = async (superdaemon: Superdaemon, signals: readonly number[]) => {
    for (const signal of signals) process.kill(superdaemon.pid, signal);
    await eventually(() => expect(pendingSignals(superdaemon.pid)).toBe(0n));
  };

  it('harms it neither at rest, nor in a deploy, nor behind a self-replacement', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const args = ['--interval=0', '--kill-old-delay=1', '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: notes.env });
    await notes.waitFor('1 started');
    await send(superdaemon, stray);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('sleeping 1 secs');
    await send(superdaemon, stray);
    await superdaemon.waitForLine('old worker ');
    superdaemon.signal('SIGUSR2');
    await superdaemon.waitForLine('replaced version');
    await send(superdaemon, stray);
    superdaemon.signal('SIGHUP');
    await notes.waitFor('2 TERM');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(notes.lines().sort()).toEqual(
      [1, 2, 3].flatMap((generation) => [`${generation} TERM`, `${generation} started`]),
    );
  });

  it('that ends a client costs the superdaemon nothing', async () => {
    using dir = tempDir();
    const args = ['--interval=0', '--pid-file=pid', '--status-file=status', '--kill-old-delay=1000'];
    await using superdaemon = startSuperdaemon([...args, '--', ...actor], { cwd: dir.path });
    await superdaemon.waitForLine('starting new worker');
    const restart = ['--restart', '--pid-file=pid', '--status-file=status'];
    for (const [index, signal] of (['SIGHUP', 'SIGTERM', 'SIGKILL', 'SIGVTALRM'] as const).entries()) {
      await using client = startSuperdaemon(restart, { cwd: dir.path });
      await eventually(() => expect(superdaemon.log().match(/received HUP/g)).toHaveLength(index + 1));
      client.signal(signal);
      await client.ended();
    }
    superdaemon.signal('SIGHUP');
    await eventually(() => expect(superdaemon.log().match(/sleeping 1000 secs/g)).toHaveLength(5));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

describe('signals that the caller', () => {
  const survives = async (via: SuperdaemonOptions['via']) => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], {
      env: notes.env,
      ...(via === undefined ? {} : { via }),
    });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('old worker ');
    await notes.waitFor('2 started');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  };

  it('ignored, as nohup does, are obeyed all the same', () =>
    survives(['perl', '-e', '$SIG{$_} = "IGNORE" for qw(HUP TERM INT CHLD); exec @ARGV']));

  itOurs('blocked are obeyed all the same', () =>
    survives([
      'perl',
      '-MPOSIX',
      '-e',
      'sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGHUP, SIGTERM, SIGCHLD)); exec @ARGV',
    ]),
  );
});
