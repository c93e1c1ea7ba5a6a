import { describe, expect } from 'vitest';
import { itOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

// The raw wait status of SIGSEGV, without a core dump and with one.
const segmentationFault = /status:(11|139)\b/;

describe('a worker that dies by a segmentation fault', () => {
  itOurs('is replaced', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const how = { env: notes.env, cwd: dir.path };
    await using superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], how);
    const first = await workerPid(superdaemon);
    await notes.waitFor('1 started');
    process.kill(first, 'SIGSEGV');
    const line = await superdaemon.waitForLine(`worker ${first} died unexpectedly with `);
    expect(line).toMatch(segmentationFault);
    await notes.waitFor('2 started');
  });

  itOurs('before it counts as started is tried again, and the old one serves on until the next', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { 2: 'kill SEGV' });
    const how = { env: notes.env, cwd: dir.path };
    await using superdaemon = startSuperdaemon(['--interval=1', '--', ...actor], how);
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    const second = await workerPid(superdaemon, 2);
    const line = await superdaemon.waitForLine(`new worker ${second} seems to have failed to start, `);
    expect(line).toMatch(segmentationFault);
    await notes.waitFor('3 started');
    await notes.waitFor('1 TERM');
    expect(notes.lines()).toEqual(['1 started', '2 started', '3 started', '1 TERM']);
  });
});
