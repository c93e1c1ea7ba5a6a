import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const files = ['--pid-file=app.pid', '--status-file=status'];
const sleeper = ['--', 'sleep', '1000'];
const metrics = ['--metrics', '--pid-file=app.pid'];

function countIn(text: string, series: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1));
}

describeOurs('--metrics', () => {
  it('counts deploys and the ends of workers, also across an upgrade', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = ['--interval=0', '--check=test ! -e broken', ...files, ...sleeper];
    await using superdaemon = startSuperdaemon(args, { cwd });
    await eventually(() => expect(existsSync(dir.join('status'))).toBe(true));
    expect((await run(['--restart', ...files], { cwd })).code).toBe(0);
    writeFileSync(dir.join('broken'), '');
    expect((await run(['--restart', ...files], { cwd })).code).toBe(1);
    expect((await run(['--upgrade', '--pid-file=app.pid'], { cwd })).code).toBe(0);
    const [, worker = ''] = readFileSync(dir.join('status'), 'utf8').trim().split(':');
    process.kill(Number(worker), 'SIGKILL');
    await superdaemon.waitForLine(/died unexpectedly/);
    const counted = async () => {
      const { code, stdout, stderr } = await run(metrics, { cwd });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const value = (series: string) => countIn(stdout, `start_server_${series}`);
      return {
        succeeded: value('deploys_total{app="app",result="succeeded"}'),
        failed: value('deploys_total{app="app",result="failed"}'),
        retired: value('worker_exits_total{app="app",reason="retired"}'),
        crash: value('worker_exits_total{app="app",reason="crash"}'),
        last: value('last_deploy_successful{app="app"}'),
      };
    };
    await eventually(async () =>
      expect(await counted()).toEqual({ succeeded: 1, failed: 1, retired: 1, crash: 1, last: 0 }),
    );
  });

  it('puts them into a file as a whole, with --metrics-file', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    await using _superdaemon = startSuperdaemon(['--interval=0', ...files, ...sleeper], { cwd });
    await eventually(() => expect(existsSync(dir.join('status'))).toBe(true));
    const { code, stdout } = await run([...metrics, '--metrics-file=shop.prom'], { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const text = readFileSync(dir.join('shop.prom'), 'utf8');
    expect(countIn(text, 'start_server_generation{app="shop"}')).toBe(1);
    expect(text).toMatch(/\n# EOF\n$/);
    expect(await run([...metrics, '--metrics-file=nowhere/shop.prom'], { cwd })).toMatchObject({
      code: 1,
      stderr: 'start-server: --metrics-file=nowhere/shop.prom: cannot write: no such file or directory\n',
    });
  });

  it('exits 3 when no superdaemon runs, and 1 when it is one that counts nothing', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    expect(await run(metrics, { cwd })).toMatchObject({ code: 3, stdout: '' });
    expect(await run(['--metrics'], { cwd })).toMatchObject({
      code: 1,
      stderr: 'start-server: --metrics: needs --pid-file\n',
    });
  });
});

describeOurs('--metrics-file', () => {
  it('is written at each event and by its successor, and removed at the end', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = ['--interval=0', '--metrics-file=m/app.prom', ...files, ...sleeper];
    mkdirSync(dir.join('m'));
    await using superdaemon = startSuperdaemon(args, { cwd });
    const generation = () =>
      countIn(readFileSync(dir.join('m/app.prom'), 'utf8'), 'start_server_generation{app="app"}');
    await eventually(() => expect(generation()).toBe(1));
    superdaemon.signal('SIGHUP');
    await eventually(() => expect(generation()).toBe(2));
    expect((await run(['--upgrade', '--pid-file=app.pid'], { cwd })).code).toBe(0);
    superdaemon.signal('SIGHUP');
    await eventually(() => expect(generation()).toBe(3));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(readdirSync(dir.join('m'))).toEqual([]);
  });

  it('that cannot be written is refused at the start; later it is a warning, once', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    for (const words of [['--metrics-file=m/app.prom'], ['--dry-run', '--metrics-file=m/app.prom']]) {
      const { code, stderr } = await run([...words, ...sleeper], { cwd });
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^start-server: --metrics-file=m\/app.prom: cannot write: no such file or directory$/m,
      );
    }
    mkdirSync(dir.join('m'));
    const args = ['--interval=0', '--metrics-file=m/app.prom', ...files, ...sleeper];
    await using superdaemon = startSuperdaemon(args, { cwd });
    await eventually(() => expect(existsSync(dir.join('m/app.prom'))).toBe(true));
    // At once, for it writes at each event.
    renameSync(dir.join('m'), dir.join('elsewhere'));
    const deployed = (generation: number) =>
      eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(`${generation}:`));
    const refused = 'warning: cannot write metrics file m/app.prom: no such file or directory';
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(refused);
    await deployed(2);
    superdaemon.signal('SIGHUP');
    await deployed(3);
    mkdirSync(dir.join('m'));
    superdaemon.signal('SIGHUP');
    await eventually(() => expect(existsSync(dir.join('m/app.prom'))).toBe(true));
    expect(superdaemon.log().match(new RegExp(refused, 'g'))).toHaveLength(1);
  });
});
