import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { filesBesideTheNote } from '../support/note-of-workers.ts';
import { itOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

const becomes = (file: string, content: string) =>
  eventually(() => expect(readFileSync(file, 'utf8')).toBe(content));

describe('the status file', () => {
  it('does not exist while the first worker is being tried', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const args = ['--interval=1000', `--status-file=${dir.join('status')}`, '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: notes.env });
    await notes.waitFor('1 started');
    expect(existsSync(dir.join('status'))).toBe(false);
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
    expect(readdirSync(dir.path)).toEqual(['transcript']);
  });

  it('lists the worker once it has started, both generations during the delay, then the new one, then goes', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const status = dir.join('status');
    const args = ['--interval=1', '--kill-old-delay=1', `--status-file=${status}`, '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: notes.env });
    const first = await workerPid(superdaemon);
    await becomes(status, `1:${first}\n`);
    superdaemon.signal('SIGHUP');
    const second = await workerPid(superdaemon, 2);
    await becomes(status, `1:${first}\n2:${second}\n`);
    await becomes(status, `2:${second}\n`);
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
    expect(readdirSync(dir.path)).toEqual(['transcript']);
  });

  it('lists both generations as long as the old worker lives', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { 1: 'deaf' });
    const status = dir.join('status');
    const args = ['--interval=0', `--status-file=${status}`, '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await notes.waitFor('1 TERM');
    const [first, second] = [await workerPid(superdaemon), await workerPid(superdaemon, 2)];
    expect(readFileSync(status, 'utf8')).toBe(`1:${first}\n2:${second}\n`);
    process.kill(first, 'SIGKILL');
    await becomes(status, `2:${second}\n`);
  });

  it('never shows a generation that fails to start', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { 2: 'exit 1', 3: 'exit 1' });
    const status = dir.join('status');
    const args = ['--interval=1', `--status-file=${status}`, '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: notes.env });
    const first = await workerPid(superdaemon);
    await becomes(status, `1:${first}\n`);
    superdaemon.signal('SIGHUP');
    const seen = new Set<string>();
    await eventually(() => {
      seen.add(readFileSync(status, 'utf8'));
      expect(notes.lines()).toContain('3 started');
    });
    expect([...seen]).toEqual([`1:${first}\n`]);
    const fourth = await workerPid(superdaemon, 4);
    await becomes(status, `4:${fourth}\n`);
  });

  itOurs('loses a dead worker at once', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const status = dir.join('status');
    const args = ['--interval=1', `--status-file=${status}`, '--', ...actor];
    await using superdaemon = startSuperdaemon(args, {
      env: { ...notes.env, ACT_2: 'exit 1', ACT_3: 'exit 1' },
    });
    const first = await workerPid(superdaemon);
    await becomes(status, `1:${first}\n`);
    process.kill(first, 'SIGKILL');
    await notes.waitFor('3 started');
    expect(readFileSync(status, 'utf8')).toBe('');
  });

  itOurs('is in the order of numbers, beyond ten generations too', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { all: 'deaf' });
    const status = dir.join('status');
    const args = ['--interval=0', `--status-file=${status}`, '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: notes.env });
    await notes.waitFor('1 started');
    for (let generation = 2; generation <= 11; generation++) {
      superdaemon.signal('SIGHUP');
      await notes.waitFor(`${generation} started`);
      await notes.waitFor(`${generation - 1} TERM`);
    }
    const generations = readFileSync(status, 'utf8').match(/^\d+/gm);
    expect(generations).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11']);
  });

  it('is replaced as a whole: whoever reads it sees complete lines, and no other file stays', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const status = dir.join('status');
    const args = ['--interval=0', `--status-file=${status}`, '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: notes.env });
    await notes.waitFor('1 started');
    await eventually(() => expect(existsSync(status)).toBe(true));
    const reader = openSync(status, 'r');
    const first = await workerPid(superdaemon);
    superdaemon.signal('SIGHUP');
    const seen = new Set<string>();
    await eventually(() => {
      seen.add(readFileSync(status, 'utf8'));
      expect(superdaemon.log()).toContain('old worker ');
    });
    expect([...seen].filter((content) => !/^(\d+:\d+\n)+$/.test(content))).toEqual([]);
    await becomes(status, `2:${await workerPid(superdaemon, 2)}\n`);
    // Renamed over, not rewritten: who has opened the old one still reads it.
    expect(readFileSync(reader, 'utf8')).toBe(`1:${first}\n`);
    closeSync(reader);
    expect(filesBesideTheNote(dir)).toEqual(['status', 'transcript']);
  });

  it('may have a relative name, which --dir does not concern', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('inner'));
    const args = ['--interval=0', '--status-file=status', '--dir=inner', '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await becomes(dir.join('status'), `1:${await workerPid(superdaemon)}\n`);
  });

  it('left by a crash is replaced', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('status'), '7:1\n8:2\n');
    const args = ['--interval=0', `--status-file=${dir.join('status')}`, '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args);
    await becomes(dir.join('status'), `1:${await workerPid(superdaemon)}\n`);
  });
});
