import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeBooted } from '../support/booted-systemd.ts';
import { eventually } from '../support/eventually.ts';
import { startLoad } from '../support/load.ts';
import { expectNothingLost } from '../support/nothing-lost.ts';
import { bootApp, type SystemdApp } from '../support/systemd-app.ts';
import { exampleUnit } from '../support/units.ts';

const kills = 5;
const dropIn = exampleUnit('survive.conf');
const withDropIn = (unit: string) => `${exampleUnit(unit)}\n[Unit]\nStartLimitIntervalSec=0\n${dropIn}`;

const kill = async (app: SystemdApp) => app.run('kill', '-KILL', await app.show(app.unit, 'MainPID'));

describeBooted('a unit with Restart=always and KillMode=process', () => {
  it.each([
    'app-notify.service',
    'app-simple.service',
  ])('loses nothing when its superdaemon is killed again and again: %s', async (unit) => {
    await using app = await bootApp({ 'app.service': withDropIn(unit) });
    await app.answers(1);
    await using load = startLoad({ target: app.target, pauseMs: 2 });
    for (let count = 1; count <= kills; count += 1) {
      await kill(app);
      await eventually(async () => {
        expect(await app.show(app.unit, 'NRestarts')).toBe(String(count));
        expect(app.generations()).toEqual([count + 1]);
        expect([...load.generations().keys()]).toContain(count + 1);
      });
    }
    expectNothingLost(await load.stop(), kills + 1);
    const last = app.worker();
    await app.systemctl('stop', app.unit);
    expect(await app.show(app.unit, 'Result')).toBe('success');
    expect(existsSync(app.outside(`/proc/${last}`))).toBe(false);
    expect(existsSync(app.outside('/run/app'))).toBe(false);
  });

  it('and a socket unit has workers that poll on, while the new ones take long', async () => {
    const socket = exampleUnit('app-socket.socket');
    const units = { 'app.service': withDropIn('app-socket.service'), 'app.socket': socket };
    await using app = await bootApp(units, '/run/app.sock');
    await app.answers(1);
    const survivor = app.worker();
    writeFileSync(app.outside('/opt/app/server.mjs'), 'setInterval(() => {}, 1000);\n');
    await kill(app);
    await eventually(async () =>
      expect(await app.journal(app.unit)).toMatch(/taking over .*\nstarting new worker /s),
    );
    for (let count = 0; count < 5; count += 1) await app.answers(1);
    const O_NONBLOCK = /^flags:\s*\d*4\d{3}$/m;
    for (const fd of [3, 4])
      expect(readFileSync(app.outside(`/proc/${survivor}/fdinfo/${fd}`), 'utf8')).toMatch(O_NONBLOCK);
  });

  it('whose filter forbids pidfd_getfd says so, and the worker serves on', async () => {
    const unit = withDropIn('app-notify.service').replace(/^SystemCallFilter=pidfd_getfd$/m, '');
    await using app = await bootApp({ 'app.service': unit });
    await app.answers(1);
    const worker = app.worker();
    await kill(app);
    await eventually(async () =>
      expect(await app.journal(app.unit)).toContain(
        `cannot take the socket over: worker ${worker} of generation 1, whose superdaemon is gone, has it: ` +
          'operation not permitted: pidfd_getfd needs ',
      ),
    );
    await app.answers(1);
    expect(readFileSync(app.outside('/run/app/app.status'), 'utf8')).toBe(`1:${worker}\n`);
  });
});
