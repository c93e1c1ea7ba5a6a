import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startLoad } from '../support/load.ts';
import { expectAllAnswered } from '../support/nothing-lost.ts';
import { describeOurs } from '../support/ours.ts';
import { openDescriptors } from '../support/proc.ts';
import { expectRightAnswers } from '../support/right-answers.ts';
import { rounds } from '../support/rounds.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { toldIn } from '../support/told.ts';
import { sessionEnd, sessionProcesses } from '../support/worker-tree.ts';

const worker = [process.execPath, fileURLToPath(new URL('../workers/http-node.mjs', import.meta.url))];
const files = [
  '--interval=0',
  '--ready=notify',
  '--pid-file=pid',
  '--status-file=status',
  '--max-start-attempts=2',
  '--log-format=json',
];

const turns = rounds(2);

describeOurs(`${turns * 10} changes of the command line under constant load`, () => {
  it('lose nothing on the sockets that all of them name, and leave nothing behind', {
    timeout: 300_000,
  }, async () => {
    using dir = tempDir();
    const [port, other, third] = [await freePort(), await freePort(), await freePort()];
    const at = (number: number, host = '127.0.0.1') => `--port=${host}:${number}`;
    const always = [at(port), '--path=sock'];
    const changes: (readonly string[])[] = [
      [at(other)],
      [at(other), at(third)],
      [at(third)],
      // Moved to another address.
      [at(third, '127.0.0.2')],
      ['--path=more'],
      ['--path=more', '--path-mode=0600', '--workers=2'],
      ['--workers=4'],
      ['--workers=1', at(other)],
      ['--workers=1', '--log-file=log'],
      ['--log-file=| cat >> command'],
    ];
    const args = (more: readonly string[]) => [
      ...files,
      '--log-file=first',
      ...more,
      ...always,
      '--',
      ...worker,
    ];
    await using superdaemon = startSuperdaemon(args([]), { cwd: dir.path });
    await using _session = sessionEnd(superdaemon.pid);
    await eventually(() => expect(readdirSync(dir.path)).toContain('status'));
    const before = await openDescriptors(superdaemon.pid);
    const targets = [{ port }, { path: dir.join('sock') }];
    const loads = targets.map((target) => startLoad({ target, clients: 2, pauseMs: 2 }));

    for (const [index, more] of Array(turns).fill(changes).flat().entries()) {
      // The command itself changes, too.
      const words = [...args(more), `release-${index}`];
      const { code, stderr } = await run(['--upgrade', ...words], { cwd: dir.path, withinMs: 60_000 });
      expect({ code, stderr }, words.join(' ')).toMatchObject({ code: 0 });
    }
    const { code } = await run(['--upgrade', ...args([])], { cwd: dir.path, withinMs: 60_000 });
    expect(code).toBe(0);
    await expectAllAnswered(loads);
    // One is libuv's inotify: the socket's file is watched while a worker leaves.
    expect(await openDescriptors(superdaemon.pid)).toBeLessThanOrEqual(before + 1);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    await eventually(() => expect(sessionProcesses(superdaemon.pid)).toEqual([]));
    const logs = readdirSync(dir.path).sort();
    expect(logs).toEqual(['command', 'first', 'log']);
    const events = logs.flatMap((name) => toldIn(readFileSync(dir.join(name), 'utf8')));
    expectRightAnswers({ told: () => events.sort((a, b) => a.atMs - b.atMs) }, loads);
  });
});
