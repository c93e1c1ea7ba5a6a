import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { publishedGenerations } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import {
  asOrdinaryUser,
  giveToOrdinaryUser,
  ordinaryUserCanRun,
  setSoftLimit,
} from '../support/ordinary-user.ts';
import { itOurs, skipsFixes } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { openDescriptors } from '../support/proc.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { actor, echoPerl } from '../support/workers.ts';

const becomes = (file: string, content: string) =>
  eventually(() => expect(readFileSync(file, 'utf8')).toBe(content));

describe.skipIf(skipsFixes || !ordinaryUserCanRun())('at the limit of processes', () => {
  it('the old worker serves on, and the deploy is made up for once there is room', async () => {
    using dir = tempDir();
    giveToOrdinaryUser(dir);
    const path = dir.join('socket');
    const args = ['--interval=0', `--path=${path}`, '--', ...echoPerl];
    await using superdaemon = startSuperdaemon(args, { via: asOrdinaryUser });
    await superdaemon.waitForLine('starting new worker ');
    const first = await ask({ path });
    await setSoftLimit(superdaemon.pid, { resource: 'nproc', value: 0 }, asOrdinaryUser);

    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^failed to start a new worker: .*(EAGAIN|temporarily unavailable)/);
    expect(await ask({ path })).toEqual(first);

    await setSoftLimit(superdaemon.pid, { resource: 'nproc', value: 1000 }, asOrdinaryUser);
    await superdaemon.waitForLine(`old worker ${first.pid} died, status:`);
    const second = await ask({ path });
    expect(second.generation).toBeGreaterThan(2);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(`old worker ${second.pid} died, status:`);
    expect((await ask({ path })).generation).toBe(second.generation + 1);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.processes()).toEqual([]);
  });

  it('TERM is obeyed', async () => {
    await using superdaemon = startSuperdaemon(['--interval=0', '--', 'sleep', '1000'], {
      via: asOrdinaryUser,
    });
    await superdaemon.waitForLine('starting new worker ');
    await setSoftLimit(superdaemon.pid, { resource: 'nproc', value: 0 }, asOrdinaryUser);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('failed to start a new worker: ');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.processes()).toEqual([]);
  });
});

describe('when no file can be opened any more', () => {
  itOurs('a pool says that it cannot grow, and grows once there is room', async () => {
    using dir = tempDir();
    const status = dir.join('status');
    const generations = () => publishedGenerations(status);
    const worker = ['sh', '-c', 'echo >&$NOTIFY_FD; exec sleep 1000'];
    const options = ['--interval=0', '--workers=1', '--ready=notify', `--status-file=${status}`];
    const via = ['sh', '-c', 'ulimit -n 500; exec "$@"', 'sh'];
    await using superdaemon = startSuperdaemon([...options, '--', ...worker], { via });
    await eventually(() => expect(generations()).toEqual([1]));
    const before = await openDescriptors(superdaemon.pid);
    // Room for a pipe, but not for all that becomes of it.
    const most = (await lowestFree(superdaemon.pid)) + 3;
    await setSoftLimit(superdaemon.pid, { resource: 'nofile', value: most });
    superdaemon.signal('SIGTTIN');
    const why = 'failed to start a new worker: cannot hear whether it is ready: too many open files';
    await superdaemon.waitForLine(why);
    await setSoftLimit(superdaemon.pid, { resource: 'nofile', value: 500 });
    await eventually(() => expect(generations()).toEqual([1, 1]));
    superdaemon.signal('SIGTTOU');
    await eventually(() => expect(generations()).toEqual([1]));
    await eventually(async () => expect(await openDescriptors(superdaemon.pid)).toBe(before));
    expect(superdaemon.log()).not.toContain('internal error');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  itOurs('a deploy works, and the status file is made up for once there is room', async () => {
    using dir = tempDir();
    const status = dir.join('status');
    const args = ['--interval=0', `--status-file=${status}`, '--', 'sleep', '1000'];
    // Soft and hard limit alike, so that nothing but this test changes it.
    const via = ['sh', '-c', 'ulimit -n 500; exec "$@"', 'sh'];
    await using superdaemon = startSuperdaemon(args, { via });
    const first = await workerPid(superdaemon);
    await becomes(status, `1:${first}\n`);
    // All numbers below it are taken.
    await setSoftLimit(superdaemon.pid, { resource: 'nofile', value: await lowestFree(superdaemon.pid) });

    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^warning: .*status.*too many open files/);
    await superdaemon.waitForLine(`old worker ${first} died, status:15`);
    expect(readFileSync(status, 'utf8')).toBe(`1:${first}\n`);

    await setSoftLimit(superdaemon.pid, { resource: 'nofile', value: 500 });
    await becomes(status, `2:${await workerPid(superdaemon, 2)}\n`);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  itOurs('a start that wants more sockets than may be open is refused in one line', async () => {
    using dir = tempDir();
    const paths = Array.from({ length: 200 }, (_, index) => `--path=${dir.join(`s${index}`)}`);
    const via = ['sh', '-c', 'ulimit -n 100; exec "$@"', 'sh'];
    const { code, stderr, leftBehind } = await run([...paths, '--', ...actor], { via });
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(/^(.* starting now\.\.\.\n)?start-server: .*\n$/);
    expect(leftBehind).toBe(0);
    expect(readdirSync(dir.path)).toEqual([]);
  });
});

/** A superdaemon opens a file now and then in its first moments; a descriptor of that kind is not taken for one that stays. */
async function lowestFree(pid: number): Promise<number> {
  const looks: number[] = [];
  return await eventually(() => {
    const taken = readdirSync(`/proc/${pid}/fd`).map(Number);
    const lowest = Math.min(...taken.map((fd) => fd + 1).filter((fd) => !taken.includes(fd)));
    looks.push(lowest);
    expect(looks.slice(-LOOKS)).toEqual(Array(LOOKS).fill(lowest));
    return lowest;
  });
}

/** 10 ms apart: far longer than a look of ours at a file of /proc. */
const LOOKS = 30;
