import { writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { expect, it, vi } from 'vitest';
import { superdaemonStatus } from '../support/control.ts';
import { notifySocketOf } from '../support/notify.ts';
import { describeOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { type Notes, notes } from '../support/teller.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { teller } from '../support/workers.ts';

// Most of the time all of them wait.
vi.setConfig({ maxConcurrency: 4 });

const ready = ['--interval=0', '--ready=notify', '--pid-file=pid', '--status-file=status'];

/** A second generation that waits for the file `go` before it is ready, having done `first`. */
async function secondWaits(dir: TempDir, first: string): Promise<{ superdaemon: Superdaemon; told: Notes }> {
  const go = `note waits;wait ${dir.join('go')};note ready;send READY=1`;
  const told = notes(dir, { 1: `pipe \\n;wait ${dir.join('late')};send READY=1;note late`, 2: first + go });
  const superdaemon = startSuperdaemon([...ready, '--', ...teller], { cwd: dir.path, env: told.env });
  await told.waitFor('1 started');
  await superdaemon.waitForLine('starting new worker');
  superdaemon.signal('SIGHUP');
  await told.waitFor('2 waits');
  return { superdaemon, told };
}

/** Nothing has changed; then the worker itself says so, and it does. */
async function expectOnlyItsOwnWordCounts(
  dir: TempDir,
  { superdaemon, told }: Awaited<ReturnType<typeof secondWaits>>,
) {
  const { workers } = await superdaemonStatus(dir.join('pid'));
  expect(workers.map(({ phase }) => phase)).toEqual(['current', 'starting']);
  expect(told.words()).not.toContain('1 TERM');
  writeFileSync(dir.join('go'), '');
  await told.waitFor('1 TERM');
  expect(told.words()).toContain('2 ready');
  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
}

/** Sends from the test, which is no worker. */
async function sendFromOutside(socketName: string, ...messages: readonly string[]): Promise<void> {
  const script = `use Socket; (my $n = shift) =~ s/^@/\\0/; socket my $s, AF_UNIX, SOCK_DGRAM, 0 or die $!;
    send $s, $_, 0, pack_sockaddr_un($n) or die $! for @ARGV`;
  await execa('perl', ['-e', script, socketName, ...messages]);
}

describeOurs('a readiness message has no effect', () => {
  it.concurrent('from a stranger, even of the same user and to the right socket', async () => {
    using dir = tempDir();
    const started = await secondWaits(dir, '');
    await using superdaemon = started.superdaemon;
    const socketName = notifySocketOf(await workerPid(superdaemon, 2));
    expect(socketName).toMatch(/\/start-server-\w+\/2\.[\w-]+$/);
    await sendFromOutside(socketName, 'READY=1', 'READY=1\nSTATUS=forged');
    const { workers } = await superdaemonStatus(dir.join('pid'));
    expect(workers[1]?.status).toBeUndefined();
    await expectOnlyItsOwnWordCounts(dir, started);
  });

  it.concurrent('from an old worker, however late', async () => {
    using dir = tempDir();
    const started = await secondWaits(dir, '');
    await using _superdaemon = started.superdaemon;
    writeFileSync(dir.join('late'), '');
    await started.told.waitFor('1 late');
    await expectOnlyItsOwnWordCounts(dir, started);
  });

  for (const [what, steps] of [
    ['when the pipe is closed without a word', 'close;'],
    ['when it is garbage on the pipe', 'pipe READY=0\\n;pipe \\n;'],
    ['when it is a line that only begins like one', 'pipe READY=10\\n;'],
    ['when it is garbage on the socket', 'send READY;send READY=10;send XREADY=1;'],
    ['when it is larger than any message', `send READY=1\n${'x'.repeat(8_000)};`],
  ] as const) {
    it.concurrent(what, async () => {
      using dir = tempDir();
      const started = await secondWaits(dir, steps);
      await using _superdaemon = started.superdaemon;
      await expectOnlyItsOwnWordCounts(dir, started);
    });
  }

  it.concurrent('when it is 10 MB of anything, which holds nothing up', async () => {
    using dir = tempDir();
    const started = await secondWaits(dir, 'flood 80;');
    await using superdaemon = started.superdaemon;
    const socketName = notifySocketOf(await workerPid(superdaemon, 2));
    const script = `use Socket; (my $n = shift) =~ s/^@/\\0/; socket my $s, AF_UNIX, SOCK_DGRAM, 0 or die $!;
      my $noise = "READY=1\\n" x 7000; for (1 .. 180) { send $s, $noise, 0, pack_sockaddr_un($n) or die $! }`;
    await execa('perl', ['-e', script, socketName]);
    await expectOnlyItsOwnWordCounts(dir, started);
  });
});
