import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeBooted } from '../support/booted-systemd.ts';
import { eventually } from '../support/eventually.ts';
import { startLoad } from '../support/load.ts';
import { expectNothingLost } from '../support/nothing-lost.ts';
import { attemptRequest } from '../support/request.ts';
import { bootApp, reloadUnderLoad, type SystemdApp } from '../support/systemd-app.ts';
import { exampleUnit, forThisSystemd, knowsNotifyReload } from '../support/units.ts';

const notify = { 'app.service': exampleUnit('app-notify.service') };
const notifyReload = { 'app.service': forThisSystemd(exampleUnit('app-notify-reload.service')) };
const socket = {
  'app-socket.socket': exampleUnit('app-socket.socket'),
  'app-socket.service': exampleUnit('app-socket.service'),
};
const ok = (generation: number) => ({ outcome: 'ok', generation });
const asReload = knowsNotifyReload ? '' : ' (as Type=notify: this systemd has no Type=notify-reload)';

describeBooted('the unit of Type=notify', () => {
  it('has started when the first worker is ready, not before', async () => {
    await using app = await bootApp(notify);
    expect(app.generations()).toEqual([1]);
    expect(await attemptRequest(app.target, 10_000)).toMatchObject(ok(1));
    const pid = readFileSync(app.outside('/run/app/app.pid'), 'utf8').trim();
    expect(await app.show(app.unit, 'MainPID')).toBe(pid);
  });

  it('deploys by systemctl reload under load and loses nothing', async () => {
    await using app = await bootApp(notify);
    await using load = await reloadUnderLoad(app, 5);
    expectNothingLost(await load.stop(), 6);
    expect(await app.show(app.unit, 'SubState')).toBe('running');
  });

  it('has the superdaemon replaced under load, in its cage, and systemd is none the wiser', async () => {
    await using app = await bootApp(notify);
    const pid = await app.show(app.unit, 'MainPID');
    await using load = startLoad({ target: app.target, pauseMs: 2 });
    await app.run('start-server', '--upgrade', '--pid-file=/run/app/app.pid');
    await app.systemctl('reload', app.unit);
    await app.run('kill', '-USR2', pid);
    await eventually(async () =>
      expect((await app.journal(app.unit)).match(/^replaced version/gm)).toHaveLength(2),
    );
    await app.systemctl('reload', app.unit);
    await eventually(() => expect([...load.generations().keys()]).toEqual([1, 2, 3]));
    expectNothingLost(await load.stop(), 3);
    expect(await app.show(app.unit, 'MainPID')).toBe(pid);
    expect(await app.show(app.unit, 'NRestarts')).toBe('0');
    await app.systemctl('stop', app.unit);
    expect(await app.show(app.unit, 'Result')).toBe('success');
    expect(existsSync(app.outside('/run/app'))).toBe(false);
  });

  it('says by systemctl reload that a deploy has failed, and serves on', async () => {
    await using app = await bootApp(notify);
    breakRelease(app);
    await expect(app.systemctl('reload', app.unit)).rejects.toThrow(/status 1/);
    expect(await app.show(app.unit, 'ActiveState')).toBe('active');
    expect(await attemptRequest(app.target, 10_000)).toMatchObject(ok(1));
  });

  it('fails to start when no worker becomes ready', async () => {
    await using app = await bootApp(notify);
    await app.systemctl('stop', app.unit);
    breakRelease(app);
    await expect(app.systemctl('start', app.unit)).rejects.toThrow(/status 1/);
    expect(await app.journal(app.unit)).toContain('giving up after 3 attempts');
  });

  it('is started anew when the superdaemon gives no sign of life', async () => {
    const watched = notify['app.service'].replace('WatchdogSec=15', 'WatchdogSec=1');
    await using app = await bootApp({ 'app.service': watched });
    await app.run('kill', '-STOP', await app.show(app.unit, 'MainPID'));
    await eventually(async () => expect(await app.show(app.unit, 'NRestarts')).toBe('1'));
    await app.answers(1);
    expect(await app.journal(app.unit)).toMatch(/Watchdog timeout/);
  });

  it('lets a superdaemon that is well pass its watchdog again and again', async () => {
    const watched = notify['app.service'].replace('WatchdogSec=15', 'WatchdogSec=200ms');
    await using app = await bootApp({ 'app.service': watched });
    const signs = new Set<string>();
    await eventually(async () => {
      signs.add(await app.show(app.unit, 'WatchdogTimestampMonotonic'));
      expect(signs.size).toBeGreaterThan(5);
    });
    expect(await app.show(app.unit, 'NRestarts')).toBe('0');
  });
});

describeBooted(`the unit of Type=notify-reload${asReload}`, () => {
  it('deploys by systemctl reload under load and loses nothing', async () => {
    await using app = await bootApp(notifyReload);
    await using load = startLoad({ target: app.target, pauseMs: 2 });
    for (const generation of [2, 3, 4]) {
      await app.systemctl('reload', app.unit);
      // Where HUP is sent by a command, systemctl may return before RELOADING=1 has come.
      await eventually(() => expect(app.generations()).toEqual([generation]));
      await eventually(() => expect([...load.generations().keys()]).toContain(generation));
      await eventually(async () => expect(await app.show(app.unit, 'SubState')).toBe('running'));
    }
    expectNothingLost(await load.stop(), 4);
  });

  it('tells a failed deploy as its status, and serves on', async () => {
    await using app = await bootApp(notifyReload);
    breakRelease(app);
    await app.systemctl('reload', app.unit);
    await eventually(async () =>
      expect(await app.show(app.unit, 'StatusText')).toMatch(/giv(en|ing) up|failed/i),
    );
    await eventually(async () => expect(await app.show(app.unit, 'SubState')).toBe('running'));
    expect(await attemptRequest(app.target, 10_000)).toMatchObject(ok(1));
  });
});

describeBooted('the unit with a socket unit', () => {
  it('is started by the first connection, which is answered', async () => {
    await using app = await bootApp(socket, '/run/app.sock');
    expect(await app.show('app-socket.service', 'ActiveState')).toBe('inactive');
    expect(await attemptRequest(app.target, 30_000)).toMatchObject(ok(1));
    await eventually(async () => expect(await app.show('app-socket.service', 'ActiveState')).toBe('active'));
  });

  it('refuses nobody while the superdaemon is dead or restarted', async () => {
    await using app = await bootApp(socket, '/run/app.sock');
    await app.answers(1);
    await using load = startLoad({ target: app.target, pauseMs: 2, timeoutMs: 30_000 });
    await app.run('kill', '-KILL', await app.show('app-socket.service', 'MainPID'));
    await eventually(async () => expect(await app.show('app-socket.service', 'NRestarts')).toBe('1'));
    await app.answers(1);
    await app.systemctl('restart', 'app-socket.service');
    const { counts } = await load.stop();
    // The workers that died with it took the requests under way along.
    expect(counts).toMatchObject({ refused: 0, failed: 0, timedOut: 0, other: 0 });
  });

  it('leaves the socket to systemd when it stops', async () => {
    await using app = await bootApp(socket, '/run/app.sock');
    await app.answers(1);
    await app.systemctl('stop', 'app-socket.service');
    expect(existsSync(app.outside('/run/app.sock'))).toBe(true);
    expect(await attemptRequest(app.target, 30_000)).toMatchObject(ok(1));
  });
});

/** From now on no worker starts. */
function breakRelease({ outside }: SystemdApp): void {
  writeFileSync(outside('/opt/app/server.mjs'), 'process.exit(3);\n');
}
