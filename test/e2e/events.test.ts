import { readFileSync, rmSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

// Most of the time all of them wait.
vi.setConfig({ maxConcurrency: 4 });

const pidFile = '--pid-file=pid';
const sleeper = ['--', 'sleep', '1000'];

function start(dir: TempDir, words: readonly string[] = []): Superdaemon {
  return startSuperdaemon(
    ['--log-format=json', '--log-file=log', '--interval=0', pidFile, ...words, ...sleeper],
    {
      cwd: dir.path,
    },
  );
}

const log = (dir: TempDir) => readFileSync(dir.join('log'), 'utf8');
const eventsIn = (text: string): Record<string, unknown>[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
const named = (text: string, name: string) => eventsIn(text).filter(({ event }) => event === name);

/** Resolves to the reader once it hears. */
async function reading(superdaemon: Superdaemon, dir: TempDir, words = ['--events']): Promise<Superdaemon> {
  await eventually(() => expect(log(dir)).toMatch(/worker-started/));
  const reader = startSuperdaemon([...words, pidFile], { cwd: dir.path });
  await eventually(() => {
    superdaemon.signal('SIGUSR1');
    expect(reader.output()).toMatch(/log-reopened/);
  });
  return reader;
}

/** From the first line that the reader has. */
function logSince(dir: TempDir, output: string): string {
  const [first = ''] = output.split('\n');
  return log(dir).slice(log(dir).indexOf(first));
}

describeOurs('--events', () => {
  it.concurrent('loses and doubles nothing in 20 deploys and 3 upgrades, and ends with the superdaemon', async () => {
    using dir = tempDir();
    await using superdaemon = start(dir);
    await using reader = await reading(superdaemon, dir);
    await using some = await reading(superdaemon, dir, [
      '--events=log-reopened,deployed,upgraded,worker-died',
    ]);
    for (let deploy = 1; deploy <= 20; deploy += 1) {
      expect(await run(['--restart', '--quiet', pidFile], { cwd: dir.path })).toMatchObject({ code: 0 });
      if (deploy % 6 > 0) continue;
      expect(await run(['--upgrade', '--quiet', pidFile], { cwd: dir.path })).toMatchObject({ code: 0 });
    }
    expect(named(log(dir), 'upgraded')).toHaveLength(3);
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
    for (const each of [reader, some]) {
      expect({ exit: await each.ended(), stderr: each.log() }).toEqual({
        exit: { code: 0, signal: null },
        stderr: '',
      });
    }
    expect(reader.output()).toBe(logSince(dir, reader.output()));
    expect(named(reader.output(), 'deployed')).toHaveLength(20);
    expect(eventsIn(reader.output()).at(-1)).toMatchObject({ event: 'exiting' });
    const names = ['log-reopened', 'deployed', 'upgraded', 'worker-died'];
    const wanted = eventsIn(logSince(dir, some.output())).filter(({ event }) =>
      names.includes(String(event)),
    );
    expect(eventsIn(some.output())).toEqual(wanted);
  });

  it.concurrent('tells a reader that stalls, even across an upgrade, how many it has missed', async () => {
    using dir = tempDir();
    const noisy = ['--check=yes | head -n 2000 >&2'];
    await using superdaemon = start(dir, noisy);
    await using reader = await reading(superdaemon, dir);
    reader.signal('SIGSTOP');
    for (let deploy = 1; deploy <= 6; deploy += 1) {
      superdaemon.signal('SIGHUP');
      await eventually(() => expect(named(log(dir), 'deployed')).toHaveLength(deploy));
    }
    superdaemon.signal('SIGUSR2');
    await eventually(() => expect(named(log(dir), 'upgraded')).toHaveLength(1));
    reader.signal('SIGCONT');
    await eventually(() => expect(named(reader.output(), 'events-lost')).not.toEqual([]));
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
    await reader.ended();
    const lost = named(reader.output(), 'events-lost').reduce((sum, each) => sum + Number(each.lost), 0);
    expect(lost).toBeGreaterThan(100);
    const got = eventsIn(reader.output()).filter(({ event }) => event !== 'events-lost');
    const all = eventsIn(logSince(dir, reader.output()));
    expect(got.length + lost).toBe(all.length);
    expect(got.at(-1)).toMatchObject({ event: 'exiting' });
  });

  it.concurrent('exits 1 when the superdaemon is killed, and 3 when none runs', async () => {
    using dir = tempDir();
    await using superdaemon = start(dir);
    await using reader = await reading(superdaemon, dir);
    superdaemon.signal('SIGKILL');
    expect(await reader.ended()).toEqual({ code: 1, signal: null });
    expect(reader.log()).toBe(
      `start-server: --pid-file=pid: superdaemon ${superdaemon.pid} was killed, its workers may live on\n`,
    );
    rmSync(dir.join('pid'));
    expect(await run(['--events', pidFile], { cwd: dir.path })).toMatchObject({ code: 3 });
  });

  it.concurrent('ends when nobody reads any more, without waiting for an event', async () => {
    using dir = tempDir();
    await using superdaemon = start(dir);
    await using reader = await reading(superdaemon, dir);
    const pipeline = `"$0" --events ${pidFile} | head -n 1`;
    await using head = startSuperdaemon([], { cwd: dir.path, via: ['sh', '-c', pipeline] });
    await eventually(() => {
      superdaemon.signal('SIGUSR1');
      expect(head.output()).toMatch(/log-reopened/);
    });
    expect(await head.ended()).toEqual({ code: 0, signal: null });
    expect(head.log()).toBe('');
    reader.signal('SIGTERM');
    expect(await reader.ended()).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it.concurrent('exits 1 when there is no room for what it prints', async () => {
    using dir = tempDir();
    await using superdaemon = start(dir);
    await using _hears = await reading(superdaemon, dir);
    const full = `exec "$0" --events ${pidFile} >/dev/full`;
    await using reader = startSuperdaemon([], { cwd: dir.path, via: ['sh', '-c', full] });
    let over = false;
    reader.exit.then(() => {
      over = true;
    });
    await eventually(() => {
      superdaemon.signal('SIGUSR1');
      expect(over).toBe(true);
    });
    expect(await reader.ended()).toEqual({ code: 1, signal: null });
    expect(reader.log()).toMatch(
      /^start-server: cannot write to standard output: no space left on device\n$/,
    );
  });

  it.each([
    [
      ['--events=hup,worker-diad', pidFile],
      '--events=hup,worker-diad: no such event: worker-diad; did you mean worker-died?',
    ],
    [['--events=,', pidFile], '--events=,: no such event: (none)'],
    [['--events'], '--events: needs --pid-file'],
    [['--events', '--stop', pidFile], '--events: not together with --stop'],
  ])('%j is refused in a line', async (words, line) => {
    expect(await run(words)).toMatchObject({ code: 1, stdout: '', stderr: `start-server: ${line}\n` });
  });
});
