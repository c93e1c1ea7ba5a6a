import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { superdaemonStatus } from '../support/control.ts';
import { eventually } from '../support/eventually.ts';
import { notifyDirectories } from '../support/notify.ts';
import { describeOurs } from '../support/ours.ts';
import { openDescriptors } from '../support/proc.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { notes } from '../support/teller.ts';
import { tempDir } from '../support/temp-dir.ts';
import { teller } from '../support/workers.ts';

// Most of the time all of them wait.
vi.setConfig({ maxConcurrency: 4 });

const ready = ['--interval=2', '--ready=notify', '--pid-file=pid', '--status-file=status'];
/** Far less than the interval, which would have to pass otherwise. */
const atOnceMs = 1_000;

describeOurs('--ready=notify', () => {
  for (const [dialect, step] of [
    ['a newline on the pipe', 'pipe \\n'],
    ['READY=1 on the pipe', 'pipe READY=1'],
    ['READY=1 and a newline, in two pieces, on the pipe', 'pipe REA;sleep 0.1;pipe DY=1\\n'],
    ['STATUS= and READY=1 on the pipe', 'pipe STATUS=loading\\nREADY=1\\n'],
    ['READY=1 to the socket', 'send READY=1'],
    ['READY=1 among other variables to the socket', 'send MAINPID=1\nREADY=1\nSTATUS=fine\n'],
  ] as const) {
    it.concurrent(`deploys at the moment of ${dialect}`, async () => {
      using dir = tempDir();
      const told = notes(dir, { all: `sleep 0.2;note ready;${step}` });
      await using superdaemon = startSuperdaemon([...ready, '--', ...teller], {
        cwd: dir.path,
        env: told.env,
      });
      await told.waitFor('1 ready');
      superdaemon.signal('SIGHUP');
      const [becameReady, wasTold] = [await told.waitFor('2 ready'), await told.waitFor('1 TERM')];
      expect(told.words()).toEqual(['1 started', '1 ready', '2 started', '2 ready', '1 TERM']);
      expect(wasTold.atMs - becameReady.atMs).toBeLessThan(atOnceMs);
      await superdaemon.waitForLine('old worker ');
      superdaemon.signal('SIGTERM');
      expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    });
  }

  it.skipIf(process.geteuid?.() !== 0)('hears a worker that has become another user', async () => {
    using dir = tempDir();
    const told = notes(dir, { all: 'send READY=1' });
    const asOther = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const env = { STEPS: told.env.STEPS ?? '' };
    const args = [...ready, '--', ...asOther, ...teller];
    await using _superdaemon = startSuperdaemon(args, { cwd: dir.path, env });
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
  });

  it.concurrent('waits longer than the interval for a worker that takes its time', async () => {
    using dir = tempDir();
    const told = notes(dir, { 1: 'pipe \\n', 2: 'sleep 1.5;note ready;pipe \\n' });
    const args = ['--interval=0', '--ready=notify', '--', ...teller];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, env: told.env });
    await told.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await told.waitFor('1 TERM');
    expect(told.words().slice(-2)).toEqual(['2 ready', '1 TERM']);
  });

  it.concurrent('takes the pipe from a worker of the shell, in one line', async () => {
    using dir = tempDir();
    const worker = ['sh', '-c', 'echo >&$NOTIFY_FD; exec sleep 1000'];
    await using superdaemon = startSuperdaemon([...ready, '--', ...worker], { cwd: dir.path });
    await eventually(async () => {
      expect((await superdaemonStatus(dir.join('pid'))).workers).toMatchObject([{ phase: 'current' }]);
    });
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it.concurrent('keeps the text of STATUS= for those who ask, without what could control their terminal', async () => {
    using dir = tempDir();
    const told = notes(dir, { all: 'send STATUS=loading \u001b[31m 3 of 7;note said' });
    await using _superdaemon = startSuperdaemon([...ready, '--', ...teller], {
      cwd: dir.path,
      env: told.env,
    });
    await told.waitFor('1 said');
    const { workers } = await superdaemonStatus(dir.join('pid'));
    expect(workers).toMatchObject([{ phase: 'starting', status: 'loading  [31m 3 of 7' }]);
  });

  it.concurrent('leaves neither socket nor pipe behind, over many deploys', async () => {
    using dir = tempDir();
    const told = notes(dir, { all: 'pipe \\n' });
    const args = ['--interval=0', '--ready=notify', '--status-file=status', '--', ...teller];
    const env = { ...told.env, TMPDIR: dir.path };
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, env });
    await told.waitFor('1 started');
    let before = 0;
    for (let generation = 2; generation <= 12; generation += 1) {
      superdaemon.signal('SIGHUP');
      await told.waitFor(`${generation - 1} TERM`);
      await eventually(() => expect(superdaemon.log().match(/^old worker/gm)).toHaveLength(generation - 1));
      if (generation === 2) before = await openDescriptors(superdaemon.pid);
    }
    expect(await openDescriptors(superdaemon.pid)).toBe(before);
    const [sockets = ''] = notifyDirectories(dir);
    expect(readdirSync(dir.join(sockets))).toEqual([expect.stringMatching(/^12\./)]);
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
    expect(notifyDirectories(dir)).toEqual([]);
  });

  it.concurrent('leaves nothing open of workers that could not be started', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('program'), '#!/bin/sh\necho >&$NOTIFY_FD\nexec sleep 1000\n', { mode: 0o755 });
    const args = ['--interval=0', '--ready=notify', '--status-file=status', '--', './program'];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, env: { TMPDIR: dir.path } });
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
    const before = await openDescriptors(superdaemon.pid);
    renameSync(dir.join('program'), dir.join('away'));
    superdaemon.signal('SIGHUP');
    await eventually(() => expect(superdaemon.log().match(/no such file/g)?.length).toBeGreaterThan(5));
    renameSync(dir.join('away'), dir.join('program'));
    await superdaemon.waitForLine('old worker ');
    expect(await openDescriptors(superdaemon.pid)).toBe(before);
    const [sockets = ''] = notifyDirectories(dir);
    expect(readdirSync(dir.join(sockets))).toHaveLength(1);
  });
});
