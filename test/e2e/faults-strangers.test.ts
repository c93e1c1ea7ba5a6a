import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { itOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { type Run, run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor, echoPerl } from '../support/workers.ts';

const files = ['--pid-file=pid', '--status-file=status'];

describe('files of a crash that name the pid of a stranger by now', () => {
  itOurs('are taken over by a start, and the stranger never gets a signal, to the very end', async () => {
    await using stranger = startStranger();
    const theirs = await stranger.pid();
    using dir = tempDir();
    writeStaleFiles(dir.join, theirs);
    const args = ['--interval=0', ...files, '--path=socket', '--', ...echoPerl];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const first = await workerPid(superdaemon);
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toBe(`1:${first}\n`));
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${superdaemon.pid}\n`);
    expect(await run(['--restart', ...files], { cwd: dir.path })).toMatchObject({ code: 0 });
    expect(await ask({ path: dir.join('socket') })).toMatchObject({ generation: 2 });
    expect(await run(['--stop', ...files], { cwd: dir.path })).toMatchObject({ code: 0 });
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(readdirSync(dir.path)).toEqual([]);
    expect(stranger.signals()).toEqual([]);
  });

  itOurs.each(['--restart', '--stop'])(
    'make %s fail in one line, and the stranger gets no signal',
    async (client) => {
      await using stranger = startStranger();
      const theirs = await stranger.pid();
      using dir = tempDir();
      writeStaleFiles(dir.join, theirs);
      const result = await run([client, ...files], { cwd: dir.path });
      expect(result.code).toBeGreaterThan(0);
      expectOneLine(result);
      expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${theirs}\n`);
      expect(readFileSync(dir.join('status'), 'utf8')).toBe(`7:${theirs}\n`);
      expect(stranger.signals()).toEqual([]);
    },
  );
});

describe("another program's socket at the path", () => {
  itOurs('is left to it: the start is refused in one line that names its pid', async () => {
    // In a directory of its own, under the same relative name.
    using elsewhere = tempDir();
    await using other = startSuperdaemon(['--path=socket', '--', ...actor], { cwd: elsewhere.path });
    await workerPid(other);
    using dir = tempDir();
    const path = dir.join('socket');
    const server = createServer((connection) => connection.on('error', () => {}).end('7 7\n')).listen(path);
    await once(server, 'listening');
    try {
      const result = await run([...files, '--path=socket', '--', ...actor], { cwd: dir.path });
      expect(result.code).toBeGreaterThan(0);
      expectOneLine(result);
      expect(result.stderr).toContain(String(process.pid));
      expect(result.leftBehind).toBe(0);
      expect(readdirSync(dir.path)).toEqual(['socket']);
      expect(await ask({ path })).toEqual({ generation: 7, pid: 7 });
    } finally {
      server.close();
    }
  });
});

describe('a pid file that somebody removes, and then one that names a stranger in its place,', () => {
  itOurs('harm neither the service nor the stranger, whose file stays', async () => {
    await using stranger = startStranger();
    const theirs = await stranger.pid();
    using dir = tempDir();
    const args = ['--interval=0', ...files, '--path=socket', '--', ...echoPerl];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const first = await workerPid(superdaemon);
    unlinkSync(dir.join('pid'));
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(`old worker ${first} died, status:`);
    expect(existsSync(dir.join('pid'))).toBe(false);
    writeFileSync(dir.join('pid'), `${theirs}\n`);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(`old worker ${await workerPid(superdaemon, 2)} died, status:`);
    expect(await ask({ path: dir.join('socket') })).toMatchObject({ generation: 3 });
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(existsSync(dir.join('socket'))).toBe(false);
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${theirs}\n`);
    expect(stranger.signals()).toEqual([]);
  });
});

interface Stranger extends AsyncDisposable {
  readonly pid: () => Promise<number>;
  /** The names of the signals that it has got so far. */
  readonly signals: () => string[];
}

/** A process that has nothing to do with those under test, and notes every signal: the worker of another superdaemon. */
function startStranger(): Stranger {
  const dir = tempDir();
  const notes = transcript(dir, { 1: 'deaf' });
  const other = startSuperdaemon(['--interval=0', '--', ...actor], { env: notes.env });
  return {
    pid: async () => {
      await notes.waitFor('1 started');
      return workerPid(other);
    },
    signals: () => notes.lines().filter((line) => line !== '1 started'),
    [Symbol.asyncDispose]: async () => {
      await other[Symbol.asyncDispose]();
      dir[Symbol.dispose]();
    },
  };
}

function writeStaleFiles(join: (name: string) => string, pid: number): void {
  writeFileSync(join('pid'), `${pid}\n`);
  writeFileSync(join('status'), `7:${pid}\n`);
}

function expectOneLine({ stderr }: Run): void {
  expect(stderr.replace(/^start_server .* starting now\.\.\.\n/, '')).toMatch(/^start-server: .*\n$/);
}
