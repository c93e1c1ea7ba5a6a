import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { asOrdinaryUser, giveToOrdinaryUser, ordinaryUserCanRun } from '../support/ordinary-user.ts';
import { itOurs, skipsFixes } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { run } from '../support/run.ts';
import { canMount, emptyFile, fillDisk, smallDiskOf, withSmallDiskAt } from '../support/small-disk.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { echoPerl } from '../support/workers.ts';

const becomes = (file: string, content: string) =>
  eventually(() => expect(readFileSync(file, 'utf8')).toBe(content));

const stops = async (superdaemon: Superdaemon) => {
  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  expect(superdaemon.processes()).toEqual([]);
};

describe('a directory that goes while workers run', () => {
  itOurs('named by --dir: the old worker serves on, and is replaced once the directory is back', async () => {
    using dir = tempDir();
    const [path, inner] = [dir.join('socket'), dir.join('inner')];
    mkdirSync(inner);
    const args = ['--interval=0', `--path=${path}`, `--dir=${inner}`, '--', ...echoPerl];
    await using superdaemon = startSuperdaemon(args);
    const first = await workerPid(superdaemon);
    rmSync(inner, { recursive: true });
    superdaemon.signal('SIGHUP');
    expect(await superdaemon.waitForLine('failed to start a new worker: ')).toContain(inner);
    expect(await ask({ path })).toEqual({ generation: 1, pid: first });
    mkdirSync(inner);
    await superdaemon.waitForLine(`old worker ${first} died, status:`);
    expect((await ask({ path })).generation).toBeGreaterThan(2);
    await stops(superdaemon);
  });

  itOurs('in which the superdaemon itself runs: deploys work, and it stops as ever', async () => {
    using dir = tempDir();
    const [path, cwd] = [dir.join('socket'), dir.join('cwd')];
    mkdirSync(cwd);
    const files = [`--path=${path}`, '--pid-file=pid', '--status-file=status', '--log-file=log'];
    await using superdaemon = startSuperdaemon(['--interval=0', ...files, '--', ...echoPerl], { cwd });
    const first = await eventually(() => ask({ path }));
    await eventually(() => readFileSync(`${cwd}/status`));
    rmSync(cwd, { recursive: true });
    superdaemon.signal('SIGHUP');
    const second = await eventually(async () => {
      const reply = await ask({ path });
      expect(reply.generation).toBeGreaterThan(first.generation);
      return reply;
    });
    await eventually(() =>
      expect(superdaemon.processes().sort()).toEqual([superdaemon.pid, second.pid].sort()),
    );
    await stops(superdaemon);
  });
});

describe('a status file in a directory that has become read-only', () => {
  it.skipIf(skipsFixes || !ordinaryUserCanRun())(
    'keeps its last content, harms no deploy, and is made up for later',
    async () => {
      using dir = tempDir();
      giveToOrdinaryUser(dir);
      const [path, status] = [dir.join('socket'), dir.join('status')];
      const args = ['--interval=0', `--path=${path}`, `--status-file=${status}`, '--', ...echoPerl];
      await using superdaemon = startSuperdaemon(args, { via: asOrdinaryUser });
      const first = await workerPid(superdaemon);
      await becomes(status, `1:${first}\n`);
      chmodSync(dir.path, 0o555);
      superdaemon.signal('SIGHUP');
      await superdaemon.waitForLine(`old worker ${first} died, status:`);
      expect(await superdaemon.waitForLine(/^warning: .*permission denied/)).toContain(status);
      expect(await ask({ path })).toMatchObject({ generation: 2 });
      expect(readFileSync(status, 'utf8')).toBe(`1:${first}\n`);
      chmodSync(dir.path, 0o755);
      await becomes(status, `2:${await workerPid(superdaemon, 2)}\n`);
      await stops(superdaemon);
    },
  );
});

describe('a log file whose disk is full', () => {
  it.skipIf(skipsFixes || !canMount())(
    'harms neither a deploy nor an upgrade, and no line is lost once there is room',
    async () => {
      using dir = tempDir();
      using disk = tempDir();
      const path = dir.join('socket');
      const options = [`--path=${path}`, `--log-file=${disk.join('log')}`, '--pid-file=pid'];
      const args = ['--interval=0', ...options, '--', ...echoPerl];
      await using superdaemon = startSuperdaemon(args, { cwd: dir.path, via: withSmallDiskAt(disk) });
      await eventually(() => ask({ path }));
      const log = `${smallDiskOf(superdaemon.pid, disk)}/log`;
      await eventually(() => expect(readFileSync(log, 'utf8')).toMatch(/^starting new worker .*\n/m));
      fillDisk(log);
      superdaemon.signal('SIGHUP');
      await eventually(async () => expect(await ask({ path })).toMatchObject({ generation: 2 }));
      await eventually(() => expect(superdaemon.processes()).toHaveLength(2));
      expect(await run(['--upgrade', '--pid-file=pid'], { cwd: dir.path })).toMatchObject({ code: 0 });
      emptyFile(log);
      await eventually(() => expect(readFileSync(log, 'utf8')).toMatch(/^replaced version .*\n/m));
      expect(
        readFileSync(log, 'utf8')
          .replaceAll(/\d[\d.]*/g, 'N')
          .trimEnd()
          .split('\n'),
      ).toEqual([
        'received HUP, spawning a new worker',
        'starting new worker N',
        'new worker is now running, sending TERM to old workers:N',
        'killing old workers',
        'old worker N died, status:N',
        'received USRN, replacing this program by the one on the disk',
        'replaced version N by version N',
      ]);
      await stops(superdaemon);
    },
  );
});

describe('a FIFO in the envdir', () => {
  itOurs('is skipped with a warning: neither the start nor a deploy waits for it', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('env'));
    await execa('mkfifo', [dir.join('env/FIFO')]);
    const path = dir.join('socket');
    const args = ['--interval=0', `--path=${path}`, `--envdir=${dir.join('env')}`, '--', ...echoPerl];
    await using superdaemon = startSuperdaemon(args);
    const first = await workerPid(superdaemon);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(`old worker ${first} died, status:`);
    expect(await ask({ path })).toMatchObject({ generation: 2 });
    expect(superdaemon.log()).toMatch(/^warning: .*FIFO/m);
    await stops(superdaemon);
  });
});
