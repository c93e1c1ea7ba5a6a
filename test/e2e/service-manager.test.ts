import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { recordNotifications } from '../support/notify-recorder.ts';
import { describeOurs } from '../support/ours.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const release = ['--', 'sh', '-c', 'test ! -e broken || exit 3; echo >&$NOTIFY_FD; exec sleep 1000'];
const limits = ['--interval=1', '--ready=notify', '--ready-timeout=20', '--max-start-attempts=1'];

describeOurs('the service manager in NOTIFY_SOCKET', () => {
  for (const kind of ['a path', 'an abstract name'] as const) {
    it(`at ${kind} hears of start, deploy, failed deploy, crash and stop, byte for byte`, async () => {
      using dir = tempDir();
      const name = kind === 'a path' ? dir.join('notify') : `@start-server-test-${process.pid}`;
      await using manager = await recordNotifications(dir, name);
      const superdaemonEnv = { NOTIFY_SOCKET: manager.name };
      await using superdaemon = startSuperdaemon([...limits, ...release], {
        cwd: dir.path,
        env: superdaemonEnv,
      });
      await manager.waitFor('READY=1\\nMAINPID=P2\\nSTATUS=generation 1, pid P1, serves\\n');
      superdaemon.signal('SIGHUP');
      await manager.waitFor('READY=1\\n');
      writeFileSync(dir.join('broken'), '');
      superdaemon.signal('SIGHUP');
      await manager.waitFor('READY=1\\nSTATUS=giving up after 1 attempt, generation 2 keeps serving\\n');
      rmSync(dir.join('broken'));
      superdaemon.signal('SIGTERM');
      expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
      // The recorder writes down what it has read a moment later.
      await manager.waitFor('STOPPING=1\\nSTATUS=received TERM, sending TERM to all workers:P3\\n');
      expect(manager.conversation()).toEqual([
        'EXTEND_TIMEOUT_USEC=30000000\\nSTATUS=generation 1, pid P1, is starting\\n',
        'READY=1\\nMAINPID=P2\\nSTATUS=generation 1, pid P1, serves\\n',
        'RELOADING=1\\nMONOTONIC_USEC=T\\nSTATUS=received HUP, spawning a new worker\\n',
        'EXTEND_TIMEOUT_USEC=30000000\\nSTATUS=generation 2, pid P3, is starting\\n',
        'STATUS=generation 2, pid P3, serves\\n',
        'READY=1\\n',
        'RELOADING=1\\nMONOTONIC_USEC=T\\nSTATUS=received HUP, spawning a new worker\\n',
        'EXTEND_TIMEOUT_USEC=30000000\\nSTATUS=generation 3, pid P4, is starting\\n',
        'STATUS=new worker P4 seems to have failed to start, exit status:768\\n',
        'READY=1\\nSTATUS=giving up after 1 attempt, generation 2 keeps serving\\n',
        'STOPPING=1\\nSTATUS=received TERM, sending TERM to all workers:P3\\n',
      ]);
    });
  }

  it('hears the time of a reload on the clock that it compares it with', async () => {
    using dir = tempDir();
    await using manager = await recordNotifications(dir);
    const env = { NOTIFY_SOCKET: manager.name };
    await using superdaemon = startSuperdaemon([...limits, ...release], { cwd: dir.path, env });
    await eventually(() => expect(manager.conversation().join()).toContain('READY=1'));
    const before = process.hrtime.bigint() / 1000n;
    superdaemon.signal('SIGHUP');
    const raw = () => readFileSync(dir.join('conversation'), 'utf8');
    await eventually(() => expect(raw()).toMatch(/MONOTONIC_USEC=\d+/));
    const told = BigInt(/MONOTONIC_USEC=(\d+)/.exec(raw())?.[1] ?? 0);
    expect(told).toBeGreaterThanOrEqual(before);
    expect(told).toBeLessThanOrEqual(process.hrtime.bigint() / 1000n);
  });

  it('gets WATCHDOG=1 as often as it wants, from the process that it watches alone', async () => {
    using dir = tempDir();
    await using manager = await recordNotifications(dir);
    const env = { NOTIFY_SOCKET: manager.name, WATCHDOG_USEC: '200000' };
    await using superdaemon = startSuperdaemon([...limits, ...release], { cwd: dir.path, env });
    const beats = () => manager.conversation().filter((message) => message === 'WATCHDOG=1\\n').length;
    await eventually(() => expect(beats()).toBeGreaterThan(3));
    superdaemon.signal('SIGSTOP');
    superdaemon.signal('SIGCONT');
    const after = beats();
    await eventually(() => expect(beats()).toBeGreaterThan(after));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('that watches another process gets no WATCHDOG=1, and one that is gone is not missed', async () => {
    using dir = tempDir();
    await using manager = await recordNotifications(dir);
    const env = { NOTIFY_SOCKET: manager.name, WATCHDOG_USEC: '20000', WATCHDOG_PID: '1' };
    await using superdaemon = startSuperdaemon([...limits, ...release], { cwd: dir.path, env });
    await eventually(() => expect(manager.conversation().join()).toContain('READY=1'));
    expect(manager.conversation().join()).not.toContain('WATCHDOG');
    await manager[Symbol.asyncDispose]();
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('new worker is now running');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('that has no room for a word gets it as soon as it has, and holds nothing up meanwhile', async () => {
    using dir = tempDir();
    await using manager = await deafManager(dir.join('notify'));
    const env = { NOTIFY_SOCKET: manager.name, WATCHDOG_USEC: '2000' };
    await using superdaemon = startSuperdaemon([...limits, ...release], { cwd: dir.path, env });
    await superdaemon.waitForLine('starting new worker');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^old worker \d+ died/);
    const heard = () => manager.heard().filter((line) => line !== 'X=1' && line !== '');
    expect(heard()).toEqual([]);
    manager.listen();
    await eventually(() => expect(heard().filter((line) => line === 'READY=1')).toHaveLength(2));
    expect(heard().filter((line) => line.startsWith('RELOADING'))).toHaveLength(1);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('that watches with a time of months is not told every millisecond', async () => {
    using dir = tempDir();
    await using manager = await recordNotifications(dir);
    const env = { NOTIFY_SOCKET: manager.name, WATCHDOG_USEC: '9000000000000' };
    await using superdaemon = startSuperdaemon([...limits, ...release], { cwd: dir.path, env });
    await eventually(() => expect(manager.conversation().join()).toContain('READY=1'));
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^old worker \d+ died/);
    expect(manager.conversation().join()).not.toContain('WATCHDOG=1');
  });
});

interface DeafManager extends AsyncDisposable {
  readonly name: string;
  /** From now on it reads. */
  readonly listen: () => void;
  readonly heard: () => string[];
}

/** A service manager whose queue is full. */
async function deafManager(name: string): Promise<DeafManager> {
  const script = `import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1])
f = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); f.setblocking(False)
try:
  while True: f.sendto(b'X=1', sys.argv[1])
except OSError: print('full', flush=True)
sys.stdin.readline()
while True: print(s.recv(4096).decode(), flush=True)`;
  const manager = execa('python3', ['-u', '-c', script, name], { reject: false, buffer: false });
  let heard = '';
  manager.stdout.on('data', (text) => {
    heard += text;
  });
  await eventually(() => expect(heard).toBe('full\n'));
  return {
    name,
    listen: () => void manager.stdin.write('\n'),
    heard: () => heard.split('\n').slice(1),
    [Symbol.asyncDispose]: async () => {
      manager.kill('SIGKILL');
      await manager;
    },
  };
}
