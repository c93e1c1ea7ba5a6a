import { unlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { maskedLog } from '../support/masked-log.ts';
import { itOurs } from '../support/ours.ts';
import { pendingSignals } from '../support/proc.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor, echoPerl } from '../support/workers.ts';

describe('a life with two deploys', () => {
  it('is logged word for word', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], { env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('old worker ');
    await notes.waitFor('2 started');
    const after = superdaemon.log().length;
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('old worker ', { after });
    await notes.waitFor('3 started');
    superdaemon.signal('SIGTERM');

    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(maskedLog(superdaemon)).toEqual([
      'start_server (pid:S) starting now...',
      'starting new worker W1',
      'received HUP, spawning a new worker',
      'starting new worker W2',
      'new worker is now running, sending TERM to old workers:W1',
      'killing old workers',
      'old worker W1 died, status:0',
      'received HUP, spawning a new worker',
      'starting new worker W3',
      'new worker is now running, sending TERM to old workers:W2',
      'killing old workers',
      'old worker W2 died, status:0',
      'received TERM, sending TERM to all workers:W3',
      'worker W3 died, status:0',
      'exiting',
    ]);
    expect(superdaemon.processes()).toEqual([]);
  });

  it('passes from one generation to the next, the old one told after the new one started', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = startSuperdaemon(['--', ...actor], { env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('old worker ');
    expect(notes.lines()).toEqual(['1 started', '2 started', '1 TERM']);
  });
});

describe('while a deploy goes on', () => {
  it('requests are answered, by the old generation until the new one has started', async () => {
    const port = await freePort();
    const address = { host: '127.0.0.1', port };
    await using superdaemon = startSuperdaemon(['--interval=0', `--port=${port}`, '--', ...echoPerl]);
    await superdaemon.waitForLine('starting new worker ');
    const generations = [(await ask(address)).generation];
    superdaemon.signal('SIGHUP');
    await eventually(async () => {
      generations.push((await ask(address)).generation);
      expect(superdaemon.log()).toContain('old worker ');
    });
    generations.push((await ask(address)).generation);
    expect(new Set(generations)).toEqual(new Set([1, 2]));
    expect(generations.at(-1)).toBe(2);
  });

  it('a new worker that fails to start is replaced, and the old one serves on', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { 2: 'exit 9', 3: 'kill KILL' });
    await using superdaemon = startSuperdaemon(['--', ...actor], { env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('old worker ');
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
    expect(notes.lines()).toEqual(['1 started', '2 started', '3 started', '4 started', '1 TERM', '4 TERM']);
    expect(maskedLog(superdaemon)).toEqual([
      'start_server (pid:S) starting now...',
      'starting new worker W1',
      'received HUP, spawning a new worker',
      'starting new worker W2',
      'new worker W2 seems to have failed to start, exit status:2304',
      'starting new worker W3',
      'new worker W3 seems to have failed to start, exit status:9',
      'starting new worker W4',
      'new worker is now running, sending TERM to old workers:W1',
      'killing old workers',
      'old worker W1 died, status:0',
      'received TERM, sending TERM to all workers:W4',
      'worker W4 died, status:0',
      'exiting',
    ]);
  });

  itOurs('a new worker whose program is gone has failed to start, and the old one serves on', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    const program = dir.join('program');
    const restore = () => writeFileSync(program, '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
    restore();
    await using superdaemon = startSuperdaemon([
      '--interval=0',
      `--path=${path}`,
      '--',
      program,
      ...echoPerl,
    ]);
    await superdaemon.waitForLine('starting new worker ');
    const first = await ask({ path });
    unlinkSync(program);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/fail.*program/);
    expect(await ask({ path })).toEqual(first);
    restore();
    await superdaemon.waitForLine(`old worker ${first.pid} died, status:0`);
    expect((await ask({ path })).generation).toBeGreaterThan(2);
  });

  itOurs('the new worker gets its whole interval, although another HUP comes', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = startSuperdaemon(['--', ...actor], { env: notes.env });
    await notes.waitFor('1 started');
    // Both times are taken on the safe side: the worker starts after the first and has started before the second.
    const before = performance.now();
    superdaemon.signal('SIGHUP');
    await notes.waitFor('2 started');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('new worker is now running');
    expect(performance.now() - before).toBeGreaterThanOrEqual(990);
  });

  itOurs('any number of HUPs make one more deploy after it', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = startSuperdaemon(['--', ...actor], { env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await notes.waitFor('2 started');
    for (const _ of ['one', 'two', 'three']) {
      superdaemon.signal('SIGHUP');
      await eventually(() => expect(pendingSignals(superdaemon.pid)).toBe(0n));
    }
    await notes.waitFor('2 TERM');
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
    // The first notes its signal while the third is being started.
    expect(notes.lines().filter((line) => line !== '1 TERM')).toEqual([
      '1 started',
      '2 started',
      '3 started',
      '2 TERM',
      '3 TERM',
    ]);
  });
});
