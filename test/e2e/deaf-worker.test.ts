import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { maskedLog } from '../support/masked-log.ts';
import { itOurs } from '../support/ours.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

const countOf = (lines: readonly string[], beginning: string) =>
  lines.filter((line) => line.startsWith(beginning)).length;

describe('a worker that ignores the signal', () => {
  itOurs('is signalled once, not again at each later deploy', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { 1: 'deaf' });
    await using superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], { env: notes.env });
    await notes.waitFor('1 started');
    for (const generation of [2, 3, 4]) {
      superdaemon.signal('SIGHUP');
      await notes.waitFor(`${generation} started`);
      await notes.waitFor(`${generation - 1} TERM`);
    }
    expect(countOf(notes.lines(), '1 TERM')).toBe(1);
  });

  it('stays among the workers, and is told of the end with all of them', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { 1: 'deaf' });
    await using superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], { env: notes.env });
    const first = (await superdaemon.waitForLine('starting new worker ')).split(' ').at(-1);
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await notes.waitFor('1 TERM');
    await notes.waitFor('2 started');
    superdaemon.signal('SIGINT');
    await notes.waitFor('2 TERM');
    await eventually(() => expect(countOf(notes.lines(), '1 TERM')).toBe(2));
    await superdaemon.waitForLine(/^worker \d+ died, status:0$/);
    process.kill(Number(first), 'SIGKILL');
    await superdaemon.ended();
    expect(maskedLog(superdaemon).slice(-4)).toEqual([
      'received INT, sending TERM to all workers:W1,W2',
      'worker W2 died, status:0',
      'worker W1 died, status:9',
      'exiting',
    ]);
  });
});
