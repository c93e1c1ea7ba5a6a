// Several workers in one generation, in one life of a superdaemon each.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { recordNotifications } from '../support/notify-recorder.ts';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const release = [
  'echo "$SERVER_STARTER_GENERATION $SERVER_STARTER_WORKER of $SERVER_STARTER_WORKERS" >>env',
  'test ! -e broken-$SERVER_STARTER_WORKER || exit 3',
  'echo >&$NOTIFY_FD',
  'exec sleep 1000',
].join('; ');
const files = ['--pid-file=pid', '--status-file=status'];
const pool = ['--interval=0', '--ready=notify', '--start-at-once=2', ...files];

/** The generation of each line of the status file. */
const listed = (dir: TempDir) =>
  readFileSync(dir.join('status'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(':')[0]);
const pids = (dir: TempDir) =>
  [...readFileSync(dir.join('status'), 'utf8').matchAll(/:(\d+)$/gm)].map(([, pid]) => Number(pid));
const slots = (dir: TempDir, generation: number) =>
  readFileSync(dir.join('env'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${generation} `))
    .sort();

describeOurs('a pool of workers', () => {
  it('starts, deploys, survives a crash and a broken release, and is scaled, upgraded and stopped', async () => {
    using dir = tempDir();
    await using manager = await recordNotifications(dir, dir.join('notify'));
    await using superdaemon = startSuperdaemon(['--workers=3', ...pool, '--', 'sh', '-c', release], {
      cwd: dir.path,
      env: { NOTIFY_SOCKET: manager.name },
    });
    const client = async (...words: string[]) => {
      const { code, stderr } = await run([...words, '--quiet'], { cwd: dir.path, withinMs: 30_000 });
      return { code, stderr };
    };
    const done = { code: 0, stderr: '' };

    await manager.waitFor('READY=1\\nMAINPID=P4\\nSTATUS=3 of 3 workers serve\\n');
    expect(listed(dir)).toEqual(['1', '1', '1']);
    expect(slots(dir, 1)).toEqual(['1 0 of 3', '1 1 of 3', '1 2 of 3']);
    const { stdout } = await run(['--status', '--json', '--pid-file=pid'], { cwd: dir.path });
    expect(JSON.parse(stdout).workers).toMatchObject([
      { generation: 1, worker: 0, role: 'current' },
      { generation: 1, worker: 1, role: 'current' },
      { generation: 1, worker: 2, role: 'current' },
    ]);

    expect(await client('--restart', ...files)).toEqual(done);
    expect(listed(dir)).toEqual(['2', '2', '2']);

    writeFileSync(dir.join('broken-1'), '');
    expect(await client('--restart', ...files)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/gave up after 3 attempts of worker 1, generation 2 keeps serving/),
    });
    expect(superdaemon.log()).toContain(
      'giving up after 3 attempts of worker 1, generation 2 keeps serving\n',
    );
    await eventually(() => expect(listed(dir)).toEqual(['2', '2', '2']));
    rmSync(dir.join('broken-1'));

    const [victim = 0, ...others] = pids(dir);
    process.kill(victim, 'SIGKILL');
    await eventually(() => {
      expect(listed(dir)).toEqual(['2', '2', '2']);
      expect(pids(dir)).not.toContain(victim);
    });
    expect(pids(dir)).toEqual(expect.arrayContaining(others));

    expect(await client('--scale=+2', '--pid-file=pid')).toEqual(done);
    expect(listed(dir)).toEqual(['2', '2', '2', '2', '2']);
    expect(await client('--scale=2', '--pid-file=pid')).toEqual(done);
    expect(listed(dir)).toEqual(['2', '2']);
    writeFileSync(dir.join('broken-2'), '');
    expect(await client('--scale=3', '--pid-file=pid')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/\nstart-server: scaling failed: worker 2 has failed to start 3 times/),
    });
    rmSync(dir.join('broken-2'));
    await eventually(() => expect(listed(dir)).toEqual(['2', '2', '2']));
    superdaemon.signal('SIGTTIN');
    await eventually(() => expect(listed(dir)).toEqual(['2', '2', '2', '2']));

    expect(await client('--upgrade', '--pid-file=pid')).toEqual(done);
    expect(await client('--restart', ...files)).toEqual(done);
    expect(listed(dir)).toEqual(['4', '4', '4', '4']);
    expect(slots(dir, 4)).toEqual(['4 0 of 4', '4 1 of 4', '4 2 of 4', '4 3 of 4']);
    expect(await client('--stop', '--pid-file=pid')).toEqual(done);
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('whose superdaemon was killed is taken over, each worker under its number', async () => {
    using dir = tempDir();
    const args = ['--workers=2', ...pool, '--log-format=json', '--', 'sh', '-c', release];
    {
      await using first = startSuperdaemon(args, { cwd: dir.path });
      await eventually(() => expect(listed(dir)).toEqual(['1', '1']));
      first.signal('SIGKILL');
      await first.exit;
      await using second = startSuperdaemon(args, { cwd: dir.path });
      await eventually(() => expect(listed(dir)).toEqual(['2', '2']));
      const events = second
        .log()
        .split('\n')
        .filter((line) => line.includes('"taken-over"'))
        .map((line): unknown => JSON.parse(line));
      expect(events).toMatchObject([
        { generation: 1, worker: 0 },
        { generation: 1, worker: 1 },
      ]);
    }
  });

  it('whose first start fails in one slot is told to go, and ends', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('broken-1'), '');
    const args = ['--workers=2', ...pool, '--', 'sh', '-c', release];
    const { code, stderr, leftBehind } = await run(args, { cwd: dir.path, withinMs: 20_000 });
    expect({ code, leftBehind }).toEqual({ code: 1, leftBehind: 0 });
    expect(stderr).toMatch(
      /cannot start the worker: giving up after 3 attempts of worker 1: worker \d+ ended with exit status 3\n$/,
    );
  });

  it('is asked for with a number, or refused in one line', async () => {
    const refused = 'not auto, nor a number from 1 to 1024';
    for (const text of ['0', '-1', 'x', '100000', '1.5']) {
      const { code, stderr } = await run([`--workers=${text}`, '--', 'true']);
      expect({ code, stderr }).toEqual({ code: 1, stderr: `start-server: --workers=${text}: ${refused}\n` });
    }
    const alone = await run(['--start-at-once=2', '--', 'true']);
    expect(alone.stderr).toBe('start-server: --start-at-once: needs --workers\n');
  });
});
