import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { superdaemonStatus } from '../support/control.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { describeOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { openDescriptors } from '../support/proc.ts';
import { startRevived } from '../support/revived.ts';
import { run } from '../support/run.ts';
import { type Superdaemon, type SuperdaemonOptions, startSuperdaemon } from '../support/superdaemon.ts';
import { notes } from '../support/teller.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor, echoPerl, inspector, teller } from '../support/workers.ts';

const files = ['--pid-file=pid', '--status-file=status'];

async function upgraded(superdaemon: Superdaemon): Promise<void> {
  const after = superdaemon.log().length;
  superdaemon.signal('SIGUSR2');
  await superdaemon.waitForLine(/^replaced version \S+ by version \S+$/, { after });
}

function start(dir: TempDir, words: readonly string[], options: SuperdaemonOptions = {}): Superdaemon {
  return startSuperdaemon(['--interval=0', ...files, ...words], { cwd: dir.path, ...options });
}

const status = (dir: TempDir) => readFileSync(dir.join('status'), 'utf8');

describeOurs('on USR2 another program takes over', () => {
  it('with the same pid, worker, files and lock, and deploys and stops from there', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = start(dir, [`--port=127.0.0.1:${await freePort()}`, '--', ...actor], {
      env: { ...notes.env, ACT_1: 'live 3' },
    });
    await notes.waitFor('1 started');
    await eventually(() => expect(status(dir)).toMatch(/^1:/));
    const before = { status: status(dir), descriptors: await openDescriptors(superdaemon.pid) };
    await upgraded(superdaemon);
    await upgraded(superdaemon);
    expect(status(dir)).toBe(before.status);
    expect(await openDescriptors(superdaemon.pid)).toBe(before.descriptors);
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${superdaemon.pid}\n`);
    const second = await run([...files, '--', 'sleep', '1000'], { cwd: dir.path });
    expect(second.stderr).toContain(`another superdaemon is running, pid ${superdaemon.pid}`);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^old worker \d+ died, status:768$/);
    await notes.waitFor('2 started');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.processes()).toEqual([]);
    expect(readdirSync(dir.path)).toEqual(['transcript']);
    expect(notes.lines().sort()).toEqual(['1 TERM', '1 started', '2 TERM', '2 started']);
  });

  it('and gives the next worker all that the first one got', async () => {
    using dir = tempDir();
    const port = await freePort();
    const options = [`--port=127.0.0.1:${port}`, `--path=${dir.join('sock')}`, `--port=127.0.0.1:u${port}=9`];
    const surroundings = 'ulimit -Sn 200; umask 027; trap "" USR1; exec "$@"';
    await using superdaemon = start(dir, [...options, '--', ...inspector], {
      env: { REPORT_DIR: dir.path, 'odd-name': 'é', PATH: process.env.PATH ?? '' },
      via: ['sh', '-c', surroundings, 'sh'],
    });
    const report = (generation: number) =>
      eventually(() => JSON.parse(readFileSync(dir.join(`${generation}.json`), 'utf8')));
    const first = await report(1);
    await eventually(() => expect(status(dir)).toMatch(/^1:/));
    await upgraded(superdaemon);
    superdaemon.signal('SIGHUP');
    const second = await report(2);
    first.environment.SERVER_STARTER_GENERATION = '2';
    expect({ ...second, pid: first.pid }).toEqual(first);
  });

  it('and writes on to the same log command, which is still watched', async () => {
    using dir = tempDir();
    await using superdaemon = start(dir, ['--log-file=| cat >> log', '--', ...echoPerl]);
    const log = () => readFileSync(dir.join('log'), 'utf8');
    await eventually(() => expect(status(dir)).toMatch(/^1:/));
    superdaemon.signal('SIGUSR2');
    await eventually(() => expect(log()).toMatch(/^replaced version/m));
    const command = childrenOf(superdaemon.pid).find((pid) => nameOf(pid) !== 'perl');
    process.kill(Number(command), 'SIGKILL');
    await eventually(() => expect(log()).toMatch(/^warning: log command \d+ was ended by SIGKILL/m));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    await eventually(() => expect(log()).toMatch(/^exiting$/m));
  });

  it('and reopens its log file on USR1', async () => {
    using dir = tempDir();
    await using superdaemon = start(dir, ['--log-file=log', '--', ...echoPerl]);
    const log = (name = 'log') => readFileSync(dir.join(name), 'utf8');
    await eventually(() => expect(status(dir)).toMatch(/^1:/));
    superdaemon.signal('SIGUSR2');
    await eventually(() => expect(log()).toMatch(/^replaced version/m));
    renameSync(dir.join('log'), dir.join('log.1'));
    superdaemon.signal('SIGUSR1');
    await eventually(() => expect(log()).toBe('received USR1, reopened the log file\n'));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('and hears what workers say, old ones and new ones', async () => {
    using dir = tempDir();
    const told = notes(dir, {
      1: `pipe STA;send READY=1;wait ${dir.join('go')};pipe TUS=half\\n;send STATUS=whole;note said`,
      all: 'send READY=1',
    });
    await using superdaemon = start(dir, ['--ready=notify', '--', ...teller], { env: told.env });
    await eventually(() => expect(status(dir)).toMatch(/^1:/));
    await upgraded(superdaemon);
    writeFileSync(dir.join('go'), '');
    await told.waitFor('1 said');
    await eventually(async () => {
      expect((await superdaemonStatus(dir.join('pid'))).workers).toMatchObject([
        { generation: 1, phase: 'current', status: 'whole' },
      ]);
    });
    superdaemon.signal('SIGHUP');
    await told.waitFor('1 TERM');
    await eventually(() => expect(status(dir)).toMatch(/^2:\d+\n$/));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('when workers that spoke for themselves have come and gone', async () => {
    using dir = tempDir();
    const told = notes(dir, { all: 'send READY=1' });
    await using superdaemon = start(dir, ['--ready=notify', '--', ...teller], { env: told.env });
    for (let generation = 1; generation <= 4; generation += 1) {
      await eventually(() => expect(status(dir)).toMatch(new RegExp(`^${generation}:\\d+\\n$`)));
      if (generation < 4) superdaemon.signal('SIGHUP');
    }
    const before = await openDescriptors(superdaemon.pid);
    await upgraded(superdaemon);
    expect(await openDescriptors(superdaemon.pid)).toBe(before);
    superdaemon.signal('SIGHUP');
    await eventually(() => expect(status(dir)).toMatch(/^5:\d+\n$/));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('after a deploy that is in flight, and the kill-old delay goes on', async () => {
    using dir = tempDir();
    const told = notes(dir, { 1: 'send READY=1', 2: `wait ${dir.join('go')};send READY=1` });
    const options = ['--ready=notify', '--kill-old-delay=3', '--', ...teller];
    await using superdaemon = start(dir, options, { env: told.env });
    await eventually(() => expect(status(dir)).toMatch(/^1:/));
    superdaemon.signal('SIGHUP');
    await told.waitFor('2 started');
    superdaemon.signal('SIGUSR2');
    await superdaemon.waitForLine('received USR2');
    expect(superdaemon.log()).not.toContain('replaced');
    writeFileSync(dir.join('go'), '');
    await superdaemon.waitForLine('replaced version');
    expect(status(dir)).toMatch(/^1:\d+\n2:\d+\n$/);
    await told.waitFor('1 TERM');
    await superdaemon.waitForLine('old worker ');
    const lines = superdaemon
      .log()
      .split('\n')
      .map((line) => line.replace(/\d+/g, 'N'));
    expect(
      lines.slice(lines.indexOf('received USRN, replacing this program by the one on the disk')),
    ).toEqual([
      'received USRN, replacing this program by the one on the disk',
      'new worker is now running, sending TERM to old workers:N',
      'sleeping N secs before killing old workers',
      'replaced version N.N.N by version N.N.N',
      'killing old workers',
      'old worker N died, status:N',
      '',
    ]);
  });

  it('after a deploy whose old worker, which could still speak, ends during the trial', async () => {
    using dir = tempDir();
    const told = notes(dir, { 1: 'send READY=1', 2: `wait ${dir.join('go')};send READY=1` });
    await using superdaemon = start(dir, ['--ready=notify', '--', ...teller], { env: told.env });
    await eventually(() => expect(status(dir)).toMatch(/^1:/));
    superdaemon.signal('SIGHUP');
    await told.waitFor('2 started');
    superdaemon.signal('SIGUSR2');
    await superdaemon.waitForLine('received USR2');
    writeFileSync(dir.join('go'), '');
    await superdaemon.waitForLine(/^(replaced version|cannot be replaced)/);
    expect(superdaemon.log()).not.toContain('cannot be replaced');
    expect(status(dir)).toMatch(/^2:\d+\n$/);
  });

  it('and has the workers that outlived a superdaemon which was killed, too', async () => {
    using dir = tempDir();
    const told = transcript(dir);
    const options = ['--interval=0', ...files, '--kill-old-delay=3', '--path=sock', '--', ...actor];
    await using revived = startRevived(options, { cwd: dir.path, env: told.env });
    await eventually(() => expect(status(dir)).toMatch(/^1:\d+\n$/));
    await revived.kill();
    await eventually(() => expect(status(dir)).toMatch(/^1:\d+\n2:\d+\n$/));
    await upgraded(revived.superdaemon());
    expect(status(dir)).toMatch(/^1:\d+\n2:\d+\n$/);
    expect(told.lines()).not.toContain('1 TERM');
    await revived.superdaemon().waitForLine(/^old worker \d+ died, status:unknown$/);
    expect(told.lines()).toContain('1 TERM');
    expect(status(dir)).toMatch(/^2:\d+\n$/);
    revived.superdaemon().signal('SIGTERM');
    expect(await revived.superdaemon().ended()).toEqual({ code: 0, signal: null });
    expect(revived.processes()).toEqual([]);
  });

  it('as a daemon, too', async () => {
    using dir = tempDir();
    await using launcher = start(dir, ['--daemonize', '--log-file=log', '--', ...echoPerl]);
    expect(await launcher.ended()).toEqual({ code: 0, signal: null });
    await eventually(() => expect(status(dir)).toMatch(/^1:/));
    const { code, stderr } = await run(['--upgrade', '--pid-file=pid'], { cwd: dir.path });
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/^replaced version/m) });
    expect(await run(['--stop', '--pid-file=pid', '--quiet'], { cwd: dir.path })).toMatchObject({ code: 0 });
    expect(launcher.processes()).toEqual([]);
  });
});

describeOurs('what comes in the very moment', () => {
  it('is honoured afterwards: HUP', async () => {
    using dir = tempDir();
    await using superdaemon = start(dir, ['--', ...echoPerl]);
    for (let generation = 1; generation <= 12; generation += 1) {
      await eventually(() => expect(status(dir)).toMatch(new RegExp(`^${generation}:\\d+\\n$`)));
      superdaemon.signal('SIGUSR2');
      // Anywhere from the trial of the new program to its first steps.
      await delay(generation * 25);
      superdaemon.signal('SIGHUP');
    }
    await eventually(() => expect(status(dir)).toMatch(/^13:\d+\n$/));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it.concurrent.each([
    40, 100, 140, 180, 220, 260, 300, 340,
  ])('is honoured afterwards: TERM after %i ms', async (ms) => {
    using dir = tempDir();
    await using superdaemon = start(dir, ['--', ...echoPerl]);
    await eventually(() => expect(status(dir)).toMatch(/^1:/));
    superdaemon.signal('SIGUSR2');
    await delay(ms);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    // A trial that was under way has been killed, which takes it a moment.
    await eventually(() => expect(superdaemon.processes()).toEqual([]));
    expect(readdirSync(dir.path)).toEqual([]);
  });

  it('is honoured afterwards: the death of a worker, with its status', async () => {
    using dir = tempDir();
    const told = transcript(dir);
    await using superdaemon = start(dir, ['--', ...actor], { env: { ...told.env, ACT: 'live 5' } });
    for (let generation = 1; generation <= 8; generation += 1) {
      await eventually(() => expect(status(dir)).toMatch(new RegExp(`^${generation}:\\d+\\n$`)));
      await told.waitFor(`${generation} started`);
      const after = superdaemon.log().length;
      superdaemon.signal('SIGUSR2');
      await delay(generation * 35);
      const pid = await workerPid(superdaemon, generation);
      process.kill(pid, 'SIGTERM');
      await superdaemon.waitForLine(`worker ${pid} died unexpectedly with status:1280, restarting`, {
        after,
      });
      await superdaemon.waitForLine('replaced', { after });
    }
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.processes()).toEqual([]);
  });
});

function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
}

function nameOf(pid: string): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}
