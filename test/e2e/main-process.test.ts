// MAINPID: a worker that is a wrapper names the process that serves behind it.

import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { publishedGenerations } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { nodeProject } from '../support/node-project.ts';
import { describeOurs } from '../support/ours.ts';
import { rounds } from '../support/rounds.ts';
import { run } from '../support/run.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const files = ['--interval=0', '--pid-file=pid', '--status-file=status'];
const server = `import http from 'node:http'; http.createServer((_, answer) => answer.end('x')).listen(process.env.PORT);`;

const serves = (dir: TempDir, generation: number) =>
  eventually(() => expect(publishedGenerations(dir.join('status'))).toEqual([generation]));

async function workerOf(dir: TempDir): Promise<{ readonly pid: number; readonly mainPid?: number }> {
  const { stdout } = await run(['--status', '--json', `--pid-file=${dir.join('pid')}`]);
  return JSON.parse(stdout).workers[0];
}

/** What a note of the workers says of both: that is written when they are known. */
async function twoServing(superdaemon: Superdaemon): Promise<readonly number[]> {
  const note = `/proc/${superdaemon.pid}/cwd/pid.workers`;
  await eventually(() => expect(readFileSync(note, 'utf8').match(/^main /gm)).toHaveLength(2));
  return superdaemon.processes().filter((pid) => pid !== superdaemon.pid);
}

async function npmStart(dir: TempDir): Promise<Superdaemon> {
  const options = ['--as=node', `--port=127.0.0.1:${await freePort()}`, ...files];
  return startSuperdaemon([...options, '--', 'npm', 'start', '--silent'], { cwd: dir.path });
}

/** A wrapper in Perl that notes its TERM, and names a child, in a datagram or on the pipe. */
const wrapper = (dialect: 'socket' | 'pipe', afterwards: string) => `
  use IO::Handle; use Socket;
  my $main = fork // die;
  if (!$main) { $SIG{TERM} = sub { exit 0 }; sleep 1 while 1 }
  $SIG{TERM} = sub { print STDERR "the wrapper hears TERM\\n"; exit 3 };
  my $text = "MAINPID=$main\\nREADY=1\\n";
  if ('${dialect}' eq 'pipe') { open my $pipe, '>&=', $ENV{NOTIFY_FD}; syswrite $pipe, $text }
  else { socket my $s, AF_UNIX, SOCK_DGRAM, 0; send $s, $text, 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET}) }
  waitpid $main, 0;
  ${afterwards}
`;

describeOurs('the process that a worker names by MAINPID', () => {
  it.concurrent.each([
    'socket',
    'pipe',
  ] as const)('gets the signals, and its wrapper none, by the %s', async (dialect) => {
    using dir = tempDir();
    const args = ['--ready=notify', ...files, '--', 'perl', '-e', wrapper(dialect, 'exit 0')];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await serves(dir, 1);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/old worker \d+ died, status:0/);
    await serves(dir, 2);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.log()).not.toContain('hears TERM');
    expect(superdaemon.processes()).toEqual([]);
  });

  it.concurrent('leaves its signal to a wrapper that stays', async () => {
    using dir = tempDir();
    const args = ['--ready=notify', ...files, '--', 'perl', '-e', wrapper('pipe', 'sleep 1 while 1')];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await serves(dir, 1);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('the wrapper hears TERM');
    await superdaemon.waitForLine(/old worker \d+ died, status:768/);
  });

  it.concurrent('is told to go when its wrapper has died over its head', async () => {
    using project = nodeProject(server);
    await using superdaemon = await npmStart(project);
    await serves(project, 1);
    const worker = await workerOf(project);
    expect(worker.mainPid).toBeGreaterThan(1);
    process.kill(worker.pid, 'SIGKILL');
    await superdaemon.waitForLine(/died unexpectedly with status:9, restarting/);
    await serves(project, 2);
    await eventually(() => expect(superdaemon.processes()).not.toContain(worker.mainPid));
  });

  it.concurrent('is known to the successor after an upgrade', async () => {
    using project = nodeProject(server);
    await using superdaemon = await npmStart(project);
    await serves(project, 1);
    const before = await workerOf(project);
    superdaemon.signal('SIGUSR2');
    await superdaemon.waitForLine(/^replaced version/);
    expect(before.mainPid).toBeGreaterThan(1);
    expect(await workerOf(project)).toMatchObject({ pid: before.pid, mainPid: before.mainPid });
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/old worker \d+ died, status:0/);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.processes()).toEqual([]);
    expect(superdaemon.log()).not.toContain('behind');
  });

  it.concurrent('is told to go, too, by the superdaemon that takes over from one that was killed', async () => {
    using project = nodeProject(server);
    const port = await freePort();
    const args = ['--as=node', `--port=127.0.0.1:${port}`, ...files, '--', 'npm', 'start', '--silent'];
    await using killed = startSuperdaemon(args, { cwd: project.path });
    await serves(project, 1);
    const { mainPid = 0 } = await workerOf(project);
    killed.signal('SIGKILL');
    await killed.exit;
    await using superdaemon = startSuperdaemon(args, { cwd: project.path });
    await superdaemon.waitForLine(/old worker \d+ died/);
    await serves(project, 2);
    expect(killed.processes()).not.toContain(mainPid);
    expect(superdaemon.log()).not.toContain('behind');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it.concurrent('may be several, and each of them gets the signals', async () => {
    using project = nodeProject(
      `${server} process.on('SIGTERM', () => { console.error('server', process.argv[2]); process.exit(); });`,
    );
    const options = ['--as=node', `--port=127.0.0.1:${await freePort()}`, ...files];
    const both = 'node app.mjs one & node app.mjs two & wait; exit 0';
    await using superdaemon = startSuperdaemon([...options, '--', 'sh', '-c', both], { cwd: project.path });
    await serves(project, 1);
    const old = await twoServing(superdaemon);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/old worker \d+ died, status:0/);
    expect(superdaemon.processes().filter((pid) => old.includes(pid))).toEqual([]);
    expect(superdaemon.log()).toMatch(/^server one$/m);
    expect(superdaemon.log()).toMatch(/^server two$/m);
    expect(superdaemon.log()).not.toContain('behind');
  });

  it.concurrent('is nobody who does not descend from the worker', async () => {
    using dir = tempDir();
    writeFileSync(
      dir.join('worker.sh'),
      'trap "exit 5" TERM; printf "MAINPID=$PPID\\nREADY=1\\n" >&$NOTIFY_FD\nwhile :; do sleep 0.1; done',
    );
    const args = ['--ready=notify', ...files, '--', 'bash', 'worker.sh'];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await serves(dir, 1);
    expect(await workerOf(dir)).not.toHaveProperty('mainPid');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/old worker \d+ died, status:1280/);
  });
});

const deploys = rounds(20);
it(`leaves nothing behind of npm start after ${deploys} deploys and a stop`, async () => {
  using project = nodeProject(server);
  await using superdaemon = await npmStart(project);
  for (let generation = 1; generation <= deploys; generation += 1) {
    await serves(project, generation);
    superdaemon.signal('SIGHUP');
  }
  await serves(project, deploys + 1);
  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  expect(superdaemon.processes()).toEqual([]);
  expect(superdaemon.log()).not.toContain('behind');
}, 180_000);
