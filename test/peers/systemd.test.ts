import { existsSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bootSystemd, describeBooted } from '../support/booted-systemd.ts';
import { eventually } from '../support/eventually.ts';
import { expectNothingLost } from '../support/nothing-lost.ts';
import { bootApp, reloadUnderLoad } from '../support/systemd-app.ts';
import { exampleUnit } from '../support/units.ts';

const simple = { 'app.service': exampleUnit('app-simple.service') };

describeBooted('a booted systemd', () => {
  it('holds a Type=notify unit back until READY=1 has reached it', async () => {
    const waiting = 'until [ -e /run/go ]; do sleep 0.01; done';
    const script = `systemd-notify --status=waiting; ${waiting}; systemd-notify --ready; exec sleep 1000`;
    const unit = `[Service]\nType=notify\nNotifyAccess=all\nExecStart=/bin/sh -c '${script}'\n`;
    await using booted = await bootSystemd({ 'dummy.service': unit });
    await booted.systemctl('start', '--no-block', 'dummy.service');
    await eventually(async () => expect(await booted.show('dummy.service', 'StatusText')).toBe('waiting'));
    expect(await booted.show('dummy.service', 'ActiveState')).toBe('activating');
    writeFileSync(booted.outside('/run/go'), '');
    await eventually(async () => expect(await booted.show('dummy.service', 'ActiveState')).toBe('active'));
  });

  it('ends with everything in it when it is powered off', async () => {
    await using app = await bootApp(simple);
    await app.answers(1);
    // Its exit status tells nothing: systemctl may find its own connection gone.
    await app.run('systemctl', 'poweroff');
    await app.ended();
  });
});

describeBooted('the unit of Type=simple', () => {
  it('deploys by systemctl reload under load and loses nothing, over TCP and a Unix socket', async () => {
    await using app = await bootApp(simple);
    await app.answers(1);
    await eventually(() => expect(app.generations()).toEqual([1]));
    await using load = await reloadUnderLoad(app, 5);
    expectNothingLost(await load.stop(), 6);
    const fetching =
      "fetch('http://127.0.0.1:8080/').then((r) => r.text()).then((text) => process.stdout.write(text))";
    expect((await app.run('node', '-e', fetching)).stdout).toMatch(/generation 6$/);
  });

  it('replaces a worker that is killed, without systemd taking part in it', async () => {
    await using app = await bootApp(simple);
    await eventually(() => expect(app.generations()).toEqual([1]));
    await app.run('kill', '-KILL', app.worker());
    await app.answers(2);
    expect(await app.show(app.unit, 'NRestarts')).toBe('0');
    expect(await app.show(app.unit, 'SubState')).toBe('running');
  });

  it('is started anew when the superdaemon is killed, and no worker of the dead one is left', async () => {
    await using app = await bootApp(simple);
    await eventually(() => expect(app.generations()).toEqual([1]));
    const orphan = app.worker();
    await app.run('kill', '-KILL', await app.show(app.unit, 'MainPID'));
    await eventually(async () => expect(await app.show(app.unit, 'NRestarts')).toBe('1'));
    await app.answers(1);
    expect(existsSync(app.outside(`/proc/${orphan}`))).toBe(false);
    expect(await app.journal(app.unit)).not.toMatch(/already in use|stale/i);
  });

  it('stops its workers by TERM, is stopped with success, and leaves no file behind', async () => {
    await using app = await bootApp(simple);
    await app.answers(1);
    await app.systemctl('stop', app.unit);
    expect(await app.show(app.unit, 'Result')).toBe('success');
    expect(await app.journal(app.unit)).toMatch(
      /^received TERM, sending TERM to all workers:\d+\nworker \d+ died, status:0\nexiting$/m,
    );
    expect(existsSync(app.outside('/run/app'))).toBe(false);
  });

  it('is ended by KILL, workers and all, when a worker does not go within TimeoutStopSec', async () => {
    const impatient = simple['app.service'].replace('TimeoutStopSec=30', 'TimeoutStopSec=1');
    await using app = await bootApp({ 'app.service': impatient });
    await eventually(() => expect(app.generations()).toEqual([1]));
    const worker = app.worker();
    await app.run('kill', '-STOP', worker);
    await app.systemctl('stop', app.unit);
    expect(await app.show(app.unit, 'Result')).toBe('timeout');
    expect(existsSync(app.outside(`/proc/${worker}`))).toBe(false);
  });
});
