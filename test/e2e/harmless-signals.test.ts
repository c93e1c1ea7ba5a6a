import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { itOurs } from '../support/ours.ts';
import { pendingSignals } from '../support/proc.ts';
import { type SuperdaemonOptions, startSuperdaemon } from '../support/superdaemon.ts';
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
  itOurs('SIGUSR1', () => expectUnharmedBy('SIGUSR1'));
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
