import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { fullPipe } from '../support/full-pipe.ts';
import { itOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

describe('a reader of standard error that has stalled', () => {
  itOurs.each(['text', 'json'])('holds up neither a deploy nor the end, in %s', async (format) => {
    using dir = tempDir();
    const notes = transcript(dir);
    using _full = await fullPipe(dir.join('pipe'));
    const via = ['sh', '-c', 'exec "$@" 2>pipe', 'sh'];
    const args = ['--interval=0', ...(format === 'json' ? ['--log-format=json'] : []), '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, env: notes.env, via });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await notes.waitFor('2 started');
    await notes.waitFor('1 TERM');
    superdaemon.signal('SIGTERM');
    await notes.waitFor('2 TERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  itOurs('hears each line once from the program that takes over meanwhile', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    await execa('mkfifo', [dir.join('pipe')]);
    using pipe = openPipe(dir.join('pipe'));
    // A write that finds no room is refused at once, and its lines wait.
    const via = ['perl', '-MFcntl', '-e', 'sysopen STDERR, "pipe", O_WRONLY | O_NONBLOCK; exec @ARGV'];
    const args = ['--interval=0', '--pid-file=pid', '--status-file=status', '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, env: notes.env, via });
    await notes.waitFor('1 started');
    pipe.fill();
    superdaemon.signal('SIGHUP');
    await notes.waitFor('1 TERM');
    expect(await run(['--upgrade', '--pid-file=pid', '--quiet'], { cwd: dir.path })).toMatchObject({
      code: 0,
    });
    let log = '';
    await eventually(() => {
      log += pipe.read();
      expect(log).toContain('replaced version');
    });
    for (const line of ['received HUP', 'received USR2']) expect(log.split(line), log).toHaveLength(2);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

/** Both ends of it. */
function openPipe(path: string) {
  const end = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const block = Buffer.alloc(65_536);
  const untilRefused = (step: () => number) => {
    try {
      while (step() > 0) {}
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  };
  return {
    fill: () => {
      for (const size of [4096, 1]) untilRefused(() => writeSync(end, Buffer.alloc(size, '.')));
    },
    read: () => {
      let text = '';
      untilRefused(() => {
        const length = readSync(end, block);
        text += block.toString('latin1', 0, length);
        return length;
      });
      return text;
    },
    [Symbol.dispose]: () => closeSync(end),
  };
}
