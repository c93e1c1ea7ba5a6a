import {
  chmodSync,
  chownSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startTimeOf } from '../../src/posix/process/process-facts.ts';
import { bootId } from '../../src/recovery/boot-id.ts';
import { type Note, noteText, parseNote } from '../../src/recovery/note-text.ts';
import { readNote } from '../../src/recovery/read-note.ts';
import { type NoteOptions, type WorkerNote, workerNote } from '../../src/recovery/worker-note.ts';
import type { LiveGeneration } from '../../src/superdaemon/host.ts';
import { tempDir } from '../support/temp-dir.ts';

const note: Note = {
  boot: bootId(),
  superdaemon: { pid: 4950, startTime: 1 },
  ports: [{ kind: 'tcp', name: '127.0.0.1:0', port: 43_210 }],
  workers: [
    { generation: 7, pid: 4933, startTime: 2 },
    { generation: 8, pid: 4957, startTime: 3 },
  ],
  mains: [{ worker: 4957, pid: 4958, startTime: 4 }],
};

describe('the note of the workers', () => {
  it('is read as it was written, whatever a later version has added', () => {
    expect(parseNote(noteText(note))).toEqual(note);
    const later = noteText(note)
      .replace(/^worker .*$/gm, '$& slot 3')
      .replace('boot', 'mood good\nboot');
    expect(parseNote(later)).toEqual(note);
  });

  it.each([
    ['', 'nothing'],
    ['start-server 2\n', 'another version'],
    [noteText(note).replace('worker 8 4957', 'worker 8 -1'), 'a pid that is none'],
    [noteText(note).replace('worker 8 4957 3', 'worker 8 4957'), 'a line cut off'],
    [noteText(note).replace(/^superdaemon.*\n/m, ''), 'a worker without its superdaemon'],
  ])('says nothing when it is %j: %s', (text) => {
    expect(parseNote(text)).toBeUndefined();
  });
});

describe('a note that was left behind', () => {
  const left = (text: string, spoil = (_path: string) => {}) => {
    using dir = tempDir();
    writeFileSync(dir.join('pid.workers'), text, { mode: 0o600 });
    spoil(dir.join('pid.workers'));
    return readNote({ pidFile: dir.join('pid'), statusFile: undefined });
  };

  it('is believed when nobody else can have written it', () => {
    expect(left(noteText(note))).toEqual(note);
  });

  it.each([
    ['that others may write', (path: string) => chmodSync(path, 0o620)],
    ['of another user', (path: string) => chownSync(path, 54_321, -1)],
    ['that is a link', link],
  ])('is not believed %s', (what, spoil) => {
    if (what === 'of another user' && process.geteuid?.() !== 0) return;
    expect(left(noteText(note), spoil)).toBeUndefined();
  });

  it('says nothing about another boot, or the workers of one that lives', () => {
    expect(left(noteText({ ...note, boot: 'another' }))).toBeUndefined();
    const superdaemon = { pid: process.pid, startTime: startTimeOf(process.pid) ?? 0 };
    expect(left(noteText({ ...note, superdaemon }))).toBeUndefined();
    const reused = { ...superdaemon, startTime: superdaemon.startTime - 1 };
    expect(left(noteText({ ...note, superdaemon: reused }))).toMatchObject({ superdaemon: reused });
  });
});

describe('a superdaemon', () => {
  const written = (path: string) => parseNote(readFileSync(path, 'utf8'))?.workers.map(({ pid }) => pid);
  const options = (place: NoteOptions['place'], warnings: string[] = []): NoteOptions => ({
    place,
    listeners: [],
    workers: [{ generation: 1, pid: process.ppid }],
    mains: [],
    lives: (pid) => pid === process.pid,
    stays: () => false,
    warn: (message) => void warnings.push(message),
  });

  it('notes a worker with its spawn, forgets the dead, and leaves nothing at its end', async () => {
    using dir = tempDir();
    const path = dir.join('status.workers');
    {
      using kept = workerNote(options({ statusFile: dir.join('status') }));
      await spawned(kept, { generation: 2, pid: process.pid });
      expect(written(path)).toEqual([process.pid]);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    expect(readdirSync(dir.path)).toEqual([]);
  });

  it('notes the others of a turn at its end, and nothing once it has ended', async () => {
    using dir = tempDir();
    const path = dir.join('pid.workers');
    const kept = workerNote({ ...options({ pidFile: dir.join('pid') }), workers: [] });
    kept?.spawned({ generation: 1, pid: process.ppid });
    const first = written(path);
    await spawned(kept, { generation: 1, pid: process.pid });
    expect([first, written(path)]).toEqual([[process.ppid], [process.pid]]);
    kept?.spawned({ generation: 2, pid: process.pid });
    kept?.spawned({ generation: 2, pid: process.ppid });
    kept?.[Symbol.dispose]();
    await Promise.resolve();
    expect(readdirSync(dir.path)).toEqual([]);
  });

  it('writes over its own file for the next worker, and says what is true then', async () => {
    using dir = tempDir();
    const path = dir.join('pid.workers');
    using kept = workerNote({ ...options({ pidFile: dir.join('pid') }), lives: () => false });
    await spawned(kept, { generation: 1, pid: process.ppid });
    await spawned(kept, { generation: 100_000, pid: process.ppid });
    const { ino } = statSync(path);
    // A shorter line than the last.
    await spawned(kept, { generation: 2, pid: process.pid });
    expect(written(path)).toEqual([process.pid]);
    expect(statSync(path).ino).toBe(ino);
  });

  it('leaves alone what somebody else has put in the place of its file, and gets the place back', async () => {
    using dir = tempDir();
    const [path, others] = [dir.join('pid.workers'), dir.join('others')];
    using kept = workerNote({ ...options({ pidFile: dir.join('pid') }), lives: () => false });
    await spawned(kept, { generation: 1, pid: process.ppid });
    writeFileSync(others, 'precious');
    rmSync(path);
    linkSync(others, path);
    await spawned(kept, { generation: 2, pid: process.pid });
    expect(written(path)).toEqual([process.pid]);
    expect(readFileSync(others, 'utf8')).toBe('precious');
  });

  it('makes a new file of what is longer than a page, so that no kill leaves half of it', async () => {
    using dir = tempDir();
    const path = dir.join('pid.workers');
    using kept = workerNote({ ...options({ pidFile: dir.join('pid') }), lives: () => true });
    const inodes: number[] = [];
    for (let slot = 0; slot < 200; slot += 1) {
      await spawned(kept, { generation: 2, worker: slot, pid: process.pid });
      inodes.push(statSync(path).ino);
    }
    expect(written(path)).toHaveLength(201);
    expect(new Set(inodes.slice(0, 50)).size).toBe(1);
    expect(inodes.at(-1)).not.toBe(inodes.at(-2));
  });

  it('keeps those noted that were there before it', async () => {
    using dir = tempDir();
    using kept = workerNote({ ...options({ pidFile: dir.join('pid') }), lives: () => true });
    await spawned(kept, { generation: 2, pid: process.pid });
    expect(written(dir.join('pid.workers'))).toEqual([process.ppid, process.pid]);
  });

  it('goes on when it cannot write, and says so once', async () => {
    using dir = tempDir();
    const warnings: string[] = [];
    using kept = workerNote(options({ pidFile: dir.join('missing/pid') }, warnings));
    await spawned(kept, { generation: 2, pid: process.pid });
    await spawned(kept, { generation: 3, pid: process.pid });
    const path = dir.join('missing/pid.workers');
    expect(warnings).toEqual([
      `cannot write ${path}, so a kill might orphan the workers: no such file or directory`,
    ]);
  });

  it('has none without a pid file and a status file', () => {
    expect(workerNote(options({}))).toBeUndefined();
  });
});

/** By the end of the turn. */
async function spawned(note: WorkerNote | undefined, worker: LiveGeneration): Promise<void> {
  note?.spawned(worker);
  await Promise.resolve();
}

function link(path: string): void {
  renameSync(path, `${path}.elsewhere`);
  symlinkSync(`${path}.elsewhere`, path);
}
