import { describe, expect } from 'vitest';
import { fullPipe } from '../support/full-pipe.ts';
import { itOurs } from '../support/ours.ts';
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
});
