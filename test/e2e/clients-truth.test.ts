import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it, vi } from 'vitest';
import { connectAbstract, controlName, superdaemonStatus } from '../support/control.ts';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

// Most of the time all of them wait.
vi.setConfig({ maxConcurrency: 4 });

const files = ['--pid-file=pid', '--status-file=status'];
const restart = ['--restart', ...files];
/** Serves, unless the release is broken. */
const release = ['--', 'sh', '-c', 'test ! -e broken || exit 3; exec sleep 1000'];

async function serving(dir: TempDir, args: readonly string[] = []): Promise<Superdaemon> {
  const superdaemon = startSuperdaemon(['--interval=1', ...args, ...files, ...release], { cwd: dir.path });
  await eventually(() => expect(status(dir)).toMatch(/^1:\d+\n$/));
  return superdaemon;
}

const status = (dir: TempDir) => readFileSync(dir.join('status'), 'utf8');

describeOurs('--restart', () => {
  it.concurrent('shows in plain lines how the deploy goes, and nothing with --quiet', async () => {
    using dir = tempDir();
    await using _superdaemon = await serving(dir);
    const { code, stderr, stdout } = await run(restart, { cwd: dir.path });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr.replace(/\d+/g, 'N').split('\n')).toEqual([
      'received HUP, spawning a new worker',
      'starting new worker N',
      'new worker is now running, sending TERM to old workers:N',
      'killing old workers',
      'old worker N died, status:N',
      'deployed: generation N, pid N, N.N s',
      '',
    ]);
    expect(await run([...restart, '--quiet'], { cwd: dir.path })).toMatchObject({ code: 0, stderr: '' });
  });

  it.concurrent('shows on a terminal a line that lives: what it waits for, and for how long', async () => {
    using dir = tempDir();
    await using _superdaemon = await serving(dir);
    await using client = startSuperdaemon(restart, { cwd: dir.path, via: onTerminal });
    expect(await client.ended()).toEqual({ code: 0, signal: null });
    expect(client.output()).toMatch(/\[2Kgeneration 2, pid \d+, is starting … \d\.\d s\r/);
    expect(client.output()).toMatch(/old worker \d+ died, status:15\r\n/);
  });

  it.concurrent('exits 2 when the time is up, and tells what it waited for; the deploy goes on', async () => {
    using dir = tempDir();
    await using superdaemon = await serving(dir);
    writeFileSync(dir.join('broken'), '');
    const { code, stderr } = await run([...restart, '--quiet', '--wait-timeout=1.5'], { cwd: dir.path });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^worker \d+ wrote nothing into \/\S+\nstart-server: --wait-timeout=1\.5: timed out: generation \d, pid \d+, (is starting|has failed to start)\n$/,
    );
    rmSync(dir.join('broken'));
    await superdaemon.waitForLine('new worker is now running');
  });

  it.concurrent('exits 3 when no superdaemon runs', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('pid'), '1\n');
    expect((await run(restart, { cwd: dir.path })).code).toBe(3);
  });

  it.concurrent('with --no-wait-old returns while the old worker still has its time', async () => {
    using dir = tempDir();
    await using superdaemon = await serving(dir, ['--kill-old-delay=30']);
    const { code } = await run([...restart, '--no-wait-old'], { cwd: dir.path });
    expect(code).toBe(0);
    expect(status(dir)).toMatch(/^1:\d+\n2:\d+\n$/);
    expect(superdaemon.log()).not.toMatch(/^killing old workers/m);
  });

  it.concurrent('exits 1 when the superdaemon is killed in the middle of the deploy', async () => {
    using dir = tempDir();
    await using superdaemon = await serving(dir, ['--kill-old-delay=30']);
    await using client = startSuperdaemon(restart, { cwd: dir.path });
    await client.waitForLine('new worker is now running');
    superdaemon.signal('SIGKILL');
    expect(await client.ended()).toEqual({ code: 1, signal: null });
    expect(client.log()).toMatch(
      /start-server: --pid-file=pid: superdaemon \d+ went away during the deploy\n$/,
    );
  });

  it.concurrent('that is killed leaves its deploy to go on, and the next client is served', async () => {
    using dir = tempDir();
    await using superdaemon = await serving(dir);
    await using client = startSuperdaemon(restart, { cwd: dir.path });
    await client.waitForLine('received HUP');
    client.signal('SIGKILL');
    await superdaemon.waitForLine('old worker ');
    expect((await run(restart, { cwd: dir.path, withinMs: 30_000 })).code).toBe(0);
    expect(status(dir)).toMatch(/^[34]:\d+\n$/);
  });

  it.concurrent('hears of its own deploy, not of one that was under way already', async () => {
    using dir = tempDir();
    await using superdaemon = await serving(dir, ['--max-start-attempts=1']);
    writeFileSync(dir.join('broken'), '');
    superdaemon.signal('SIGHUP');
    // The one under way fails; the client's own, which comes after the mending, does not.
    const client = run(restart, { cwd: dir.path, withinMs: 30_000 });
    await superdaemon.waitForLine(/^(giving up|new worker \d+ seems)/);
    rmSync(dir.join('broken'));
    const { code, stderr } = await client;
    if (code !== 0) expect(stderr).toMatch(/deploy failed: gave up/);
    else expect(status(dir)).toMatch(/^[2-9]:\d+\n$/);
  });
});

describeOurs('--restart of a superdaemon that it can only signal', () => {
  for (const [what, answer] of [
    ['of another version', '{"protocol":99,"pid":1}\n'],
    ['that answers with something else', 'HTTP/1.1 400 Bad Request\n\n'],
  ] as const) {
    it.concurrent(`deploys by HUP and the status file one ${what}`, async () => {
      using dir = tempDir();
      const cwd = dir.path;
      const via = ['perl', otherSuperdaemon, 'pid', 'status'];
      await using _other = startSuperdaemon([], { cwd, via, env: { ANSWER: answer } });
      await eventually(() => expect(status(dir)).toMatch(/^1:/));
      const { code, stderr } = await run(restart, { cwd, withinMs: 30_000 });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(status(dir)).toMatch(/^2:/);
    });
  }
});

describeOurs('--restart of a superdaemon that never answers', () => {
  it.concurrent('waits for it as long as it may, and does not ask once more', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const via = ['perl', otherSuperdaemon, 'pid', 'status'];
    await using other = startSuperdaemon([], { cwd, via, env: { ANSWER: '' } });
    await eventually(() => expect(status(dir)).toMatch(/^1:/));
    const { code, stderr } = await run([...restart, '--wait-timeout=0.5'], { cwd });
    const text = `timed out: superdaemon ${other.pid} does not answer`;
    expect({ code, stderr }).toEqual({ code: 2, stderr: `start-server: --wait-timeout=0.5: ${text}\n` });
    expect(status(dir)).toMatch(/^1:/);
  });
});

describeOurs('--stop', () => {
  it.concurrent('exits 2 when the time is up, and the stop goes on', async () => {
    using dir = tempDir();
    const told = transcript(dir, { all: 'deaf' });
    const args = [...files, '--stop-timeout=3', '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, env: told.env });
    await told.waitFor('1 started');
    const { code, stderr } = await run(['--stop', ...files, '--wait-timeout=0.5'], { cwd: dir.path });
    expect(code).toBe(2);
    expect(stderr).toMatch(/--wait-timeout=0\.5: timed out: superdaemon \d+ has not gone\n$/);
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

describeOurs('the control socket', () => {
  it.skipIf(process.geteuid?.() !== 0)('is deaf to other users', async () => {
    using dir = tempDir();
    await using superdaemon = await serving(dir);
    const name = controlName(dir.join('pid'));
    const request = JSON.stringify({ protocol: 1, request: 'status' });
    const asOther = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    // It hangs up on whom it does not know, maybe before that one has asked.
    const script = `use Socket; $SIG{PIPE} = 'IGNORE'; socket my $s, AF_UNIX, SOCK_STREAM, 0; connect $s, pack_sockaddr_un("\\0$ARGV[0]") or die $!;
      syswrite $s, "$ARGV[1]\\n"; print "<$_>" while <$s>`;
    const asUs = ['perl', '-e', script, name, request];
    const [ours, others] = await Promise.all([
      execa(asUs[0] ?? '', asUs.slice(1)),
      execa(asOther[0] ?? '', [...asOther.slice(1), ...asUs]),
    ]);
    expect(JSON.parse(ours.stdout.slice(1, -1))).toMatchObject({ protocol: 1, pid: superdaemon.pid });
    expect(others.stdout).toBe('');
  });

  it.concurrent('drops a client that says what is no request, or says too much', async () => {
    using dir = tempDir();
    await using _superdaemon = await serving(dir);
    for (const words of ['nonsense\n', 'x'.repeat(100_000)]) {
      const socket = connectAbstract(controlName(dir.join('pid')));
      socket.on('error', () => {}).on('data', () => {});
      socket.write(words);
      await new Promise((resolve) => socket.on('close', resolve));
    }
    expect((await superdaemonStatus(dir.join('pid'))).workers).toHaveLength(1);
  });
});

const otherSuperdaemon = fileURLToPath(new URL('../workers/other-superdaemon.pl', import.meta.url));
const onTerminal = ['sh', '-c', 'exec script -qec "exec $*" /dev/null', 'sh'];
