import { writeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closeQuietly } from '../../src/posix/file/descriptor.ts';
import { pipeToWatch, readNow } from '../../src/posix/file/pipe.ts';
import { NotifyPipe } from '../../src/workers/notify-pipe.ts';

describe('a pipe that never waits', () => {
  it('tells nothing yet from its end', () => {
    const ends = pipeToWatch();
    expect(readNow(ends.read)).toBeUndefined();
    writeSync(ends.write, 'words');
    expect(String(readNow(ends.read))).toBe('words');
    expect(readNow(ends.read)).toBeUndefined();
    closeQuietly(ends.write);
    expect(readNow(ends.read)).toHaveLength(0);
    closeQuietly(ends.read);
  });

  it('by which a worker speaks is still heard when a look has found nothing in it', () => {
    const ends = pipeToWatch();
    const heard: string[] = [];
    const say = (word: string) => () => void heard.push(word);
    using notify = new NotifyPipe(
      { read: ends.read, text: '' },
      {
        ready: say('ready'),
        alive: say('alive'),
        status: say('status'),
        replace: say('replace'),
        main: say('main'),
        preloaded: say('preloaded'),
      },
    );
    notify.read();
    writeSync(ends.write, 'READY=1\n');
    notify.read();
    closeQuietly(ends.write);
    expect(heard).toEqual(['ready']);
  });
});
