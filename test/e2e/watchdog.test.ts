import { readFileSync } from 'node:fs';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startLoad } from '../support/load.ts';
import { describeOurs } from '../support/ours.ts';
import { expectRightAnswers } from '../support/right-answers.ts';
import { run } from '../support/run.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const file = (name: string) => fileURLToPath(new URL(`../workers/${name}`, import.meta.url));
const node = ['--', process.execPath, file('hangs.mjs')];
const python = ['--', '/usr/bin/python3', file('hangs.py')];
const files = ['--pid-file=pid', '--status-file=status', '--log-format=json', '--interval=1'];

interface Told {
  readonly event: string;
  readonly pid: number;
}

const told = (superdaemon: Superdaemon): Told[] =>
  superdaemon
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

const pids = (dir: TempDir, count: number): Promise<number[]> =>
  eventually(() => {
    const lines = readFileSync(dir.join('status'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(count);
    return lines.map((line) => Number(line.split(':')[1]));
  });

const hung = (superdaemon: Superdaemon) => told(superdaemon).filter(({ event }) => event === 'worker-hung');

/** Those of the hung have gone, and everybody serves again. */
const recovered = async (superdaemon: Superdaemon, dir: TempDir, gone: readonly number[]) => {
  await eventually(
    () => {
      const dead = told(superdaemon).filter(({ event }) => event === 'worker-died');
      expect(dead.map(({ pid }) => pid).sort()).toEqual([...gone].sort());
    },
    { withinMs: 60_000 },
  );
  const serving = await pids(dir, 3);
  expect(serving.filter((pid) => gone.includes(pid))).toEqual([]);
};

async function replacesTheOneThat(hang: 'blocks' | 'stops', command: readonly string[]): Promise<void> {
  using dir = tempDir();
  const port = await freePort();
  const args = [...files, `--port=127.0.0.1:${port}`, '--workers=3', '--watchdog=3', ...command];
  await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
  const [first = 0] = await pids(dir, 3);
  await using load = startLoad({ target: { port }, clients: 2, pauseMs: 20, timeoutMs: 60_000 });
  const asking = hang === 'blocks' ? net.connect(port, '127.0.0.1') : undefined;
  asking?.on('error', () => {});
  asking?.write('GET /hang HTTP/1.1\r\nHost: localhost\r\n\r\n');
  if (hang === 'stops') process.kill(first, 'SIGSTOP');
  const [one] = await eventually(() => {
    expect(hung(superdaemon)).toHaveLength(1);
    return hung(superdaemon);
  });
  await recovered(superdaemon, dir, [one?.pid ?? 0]);
  if (hang === 'stops') expect(one?.pid).toBe(first);
  const { counts } = await load.stop();
  expect(counts).toMatchObject({ refused: 0, failed: 0, other: 0 });
  expect(hung(superdaemon)).toHaveLength(1);
  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  expectRightAnswers(superdaemon, [load]);
}

describeOurs.concurrent('--watchdog', { timeout: 120_000 }, () => {
  it('replaces a worker of Node whose event loop is blocked, and nobody is refused', () =>
    replacesTheOneThat('blocks', node));
  it('replaces a worker of Python whose thread is stuck', () => replacesTheOneThat('blocks', python));
  it('replaces a worker that is stopped, which KILL alone can end', () =>
    replacesTheOneThat('stops', python));

  it('replaces those that hang together one after the other', async () => {
    using dir = tempDir();
    const args = [...files, '--port=127.0.0.1:0', '--workers=3', '--watchdog=3', ...python];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const all = await pids(dir, 3);
    for (const pid of all) process.kill(pid, 'SIGSTOP');
    await recovered(superdaemon, dir, all);
    const order = told(superdaemon).flatMap(({ event }) =>
      event === 'worker-hung' || event === 'worker-started' ? [event] : [],
    );
    const turn = ['worker-hung', 'worker-started'];
    expect(order.slice(3)).toEqual([...turn, ...turn, ...turn]);
  });

  it('goes on under a program that takes over, and leaves alone who never spoke', async () => {
    using dir = tempDir();
    const mute = ['--', 'sh', '-c', '[ "$SERVER_STARTER_WORKER" = 0 ] && exec sleep 1000; exec "$@"', 'sh'];
    const args = [...files, '--port=127.0.0.1:0', '--workers=2', '--watchdog=2', ...mute, ...python.slice(1)];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const [, speaker = 0] = await pids(dir, 2);
    superdaemon.signal('SIGUSR2');
    await eventually(() => expect(superdaemon.log()).toContain('"event":"upgraded"'));
    process.kill(speaker, 'SIGSTOP');
    await eventually(() => expect(hung(superdaemon)).toHaveLength(1));
    expect(hung(superdaemon)[0]?.pid).toBe(speaker);
    const { stdout } = await run(['--status', '--pid-file=pid'], { cwd: dir.path });
    expect(stdout).toMatch(/last failure: worker \d+ was silent for [\d.]+ secs/);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});
