import { readFileSync, rmSync, writeFileSync } from 'node:fs';
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
      await manager.waitFor('READY=1\\nSTATUS=giving up after 1 attempts, generation 2 keeps serving\\n');
      rmSync(dir.join('broken'));
      superdaemon.signal('SIGTERM');
      expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
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
        'READY=1\\nSTATUS=giving up after 1 attempts, generation 2 keeps serving\\n',
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
});
