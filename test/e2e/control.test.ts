import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { connectAbstract, controlName, superdaemonStatus } from '../support/control.ts';
import { eventually } from '../support/eventually.ts';
import { asOrdinaryUser, setSoftLimit } from '../support/ordinary-user.ts';
import { describeOurs } from '../support/ours.ts';
import { asPidOne, describeWhere } from '../support/permitted.ts';
import { freeze, openDescriptors } from '../support/proc.ts';
import { run } from '../support/run.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const files = ['--pid-file=pid', '--status-file=status'];
const restart = ['--restart', ...files];
const sleeper = ['--', 'sleep', '1000'];
const script = (name: string) => fileURLToPath(new URL(`../workers/${name}`, import.meta.url));
const strangers = (...words: readonly string[]) => [
  ...asOrdinaryUser,
  'perl',
  script('control-strangers.pl'),
  ...words,
];

const status = (dir: TempDir) => readFileSync(dir.join('status'), 'utf8');

async function serving(dir: TempDir, args: readonly string[] = []): Promise<Superdaemon> {
  const superdaemon = startSuperdaemon(['--interval=0', ...args, ...files, ...sleeper], { cwd: dir.path });
  await eventually(() => expect(status(dir)).toMatch(/^1:\d+\n$/));
  return superdaemon;
}

const hups = (superdaemon: Superdaemon) => superdaemon.log().match(/^received HUP/gm)?.length ?? 0;

const connections: Socket[] = [];
afterEach(() => {
  for (const each of connections.splice(0)) each.destroy();
});

/** Connects, and asks nothing. */
function idle(name: string): void {
  const connection = connectAbstract(name);
  connection.on('error', () => {});
  connections.push(connection);
}

function processorMs(pid: number): number {
  const [user = 0, system = 0] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) * 10;
}

/** How often its main thread has gone to sleep. */
function restsOf(pid: number): number {
  return Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** Connections to a socket that nobody has accepted yet: they have no inode. */
function waitingAt(name: string): number {
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n');
  return lines.filter((line) => line.endsWith(` 0 @${name}`)).length;
}

describeOurs('a client of a superdaemon that is slow', () => {
  it('waits for it, says that it is stopped, and deploys once', async () => {
    using dir = tempDir();
    await using superdaemon = await serving(dir);
    await freeze(superdaemon.pid);
    const hasty = await run([...restart, '--wait-timeout=0.7', '--quiet'], { cwd: dir.path });
    const stopped = `superdaemon ${superdaemon.pid} is stopped (SIGSTOP, or Ctrl-Z): kill -CONT ${superdaemon.pid} lets it go on`;
    expect(hasty).toMatchObject({
      code: 2,
      stderr: `start-server: --wait-timeout=0.7: timed out: ${stopped}\n`,
    });
    await using client = startSuperdaemon(restart, { cwd: dir.path });
    await client.waitForLine(stopped);
    superdaemon.signal('SIGCONT');
    expect(await client.ended()).toEqual({ code: 0, signal: null });
    // The one that did not wait has asked for nothing.
    expect(hups(superdaemon)).toBe(1);
    expect(status(dir)).toMatch(/^2:\d+\n$/);
    await freeze(superdaemon.pid);
    const stop = await run(['--stop', '--wait-timeout=1', '--pid-file=pid'], { cwd: dir.path });
    expect(stop).toMatchObject({ code: 2, stderr: expect.stringMatching(/^superdaemon \d+ is stopped/) });
    superdaemon.signal('SIGCONT');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

describeOurs('the control socket', () => {
  it('answers although others squat on its name, fill its queue and keep it waiting', async () => {
    using dir = tempDir();
    chmodSync(dir.path, 0o755);
    writeFileSync(dir.join('pid'), '');
    await using squatters = startSuperdaemon([], { via: strangers('squat', dir.join('pid')) });
    await squatters.waitForLine('ready');
    await using superdaemon = await serving(dir);
    const before = await openDescriptors(superdaemon.pid);
    const name = controlNameOf(superdaemon, dir);
    const statusCodes = async () => {
      const clients = [1, 2, 3].map(() =>
        run(['--status', '--pid-file=pid'], { cwd: dir.path, withinMs: 30_000 }),
      );
      return (await Promise.all(clients)).map(({ code }) => code);
    };
    {
      await using _flood = startSuperdaemon([], { via: strangers('flood', name) });
      expect(await statusCodes()).toEqual([0, 0, 0]);
    }
    for (let count = 0; count < 100; count++) idle(name);
    expect(await statusCodes()).toEqual([0, 0, 0]);
    expect(await openDescriptors(superdaemon.pid)).toBeLessThanOrEqual(before + 64);
    await eventually(async () => expect(await openDescriptors(superdaemon.pid)).toBeLessThanOrEqual(before));
    expect((await run([...restart, '--quiet'], { cwd: dir.path })).code).toBe(0);
  });

  it('rests while no descriptor is free, and answers then', async () => {
    using dir = tempDir();
    await using superdaemon = await serving(dir);
    const name = controlName(dir.join('pid'));
    await superdaemonStatus(dir.join('pid'));
    const limit = Number(
      /^Max open files +(\d+)/m.exec(readFileSync(`/proc/${superdaemon.pid}/limits`, 'utf8'))?.[1],
    );
    await setSoftLimit(superdaemon.pid, { resource: 'nofile', value: 3 });
    idle(name);
    const client = run(['--status', ...files], { cwd: dir.path, withinMs: 60_000 });
    await eventually(() => expect(waitingAt(name)).toBe(2));
    const before = { processor: processorMs(superdaemon.pid), rests: restsOf(superdaemon.pid) };
    // It looks again now and then; whoever never rests is not seen to sleep, either.
    await eventually(() => expect(restsOf(superdaemon.pid)).toBeGreaterThan(before.rests + 1), {
      withinMs: 20_000,
    });
    expect(processorMs(superdaemon.pid) - before.processor).toBeLessThan(150);
    expect(waitingAt(name)).toBe(2);
    await setSoftLimit(superdaemon.pid, { resource: 'nofile', value: limit });
    expect((await client).stdout).toMatch(/version .*: serving\n/);
  });
});

/** Of many that look like it, the one that the superdaemon has. */
function controlNameOf(superdaemon: Superdaemon, dir: TempDir): string {
  const squatted = /\/\d{1,2}$/;
  const named = readFileSync('/proc/net/unix', 'utf8').matchAll(/ @(start-server\/control\/\S+)$/gm);
  const prefix = controlName(dir.join('pid')).replace(/\/\w+$/, '/');
  const names = Array.from(named, ([, name = '']) => name);
  const own = names.find((name) => name.startsWith(prefix) && !squatted.test(name));
  if (own === undefined) throw new Error(`superdaemon ${superdaemon.pid} has no control socket`);
  return own;
}

describeWhere(
  'where another user had its pid before',
  [...asPidOne, 'test', '-w', '/proc/sys/kernel/ns_last_pid'],
  () => {
    it('believes nothing that is said over a socket of that time', async () => {
      using dir = tempDir();
      writeFileSync(dir.join('pid'), '');
      const via = [...asPidOne, 'sh', script('forged-control.sh')];
      const args = ['--interval=0', ...files, '--', 'sh', '-c', 'exec sleep 1000'];
      await using namespace = startSuperdaemon(args, { cwd: dir.path, via });
      await eventually(() => expect(status(dir)).toMatch(/^1:\d+\n$/));
      expect(namespace.log()).not.toContain('not ');
      const superdaemon = Number(readFileSync(dir.join('pid'), 'utf8'));
      const inside = [
        'nsenter',
        `--target=${namespace.processes().find((pid) => pidInside(pid) === superdaemon)}`,
      ];
      const client = await run([...restart, '--quiet'], {
        cwd: dir.path,
        via: [...inside, '--pid', '--mount', 'sh', '-c', 'cd "$0" && exec "$@"', dir.path],
      });
      expect(client).toMatchObject({ code: 0, stderr: '' });
      expect(status(dir)).toMatch(/^2:\d+\n$/);
    });
  },
);

function pidInside(pid: number): number {
  const line = /^NSpid:.*\s(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]);
}
