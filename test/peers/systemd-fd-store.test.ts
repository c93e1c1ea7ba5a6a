import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeBooted } from '../support/booted-systemd.ts';
import { eventually } from '../support/eventually.ts';
import { startLoad } from '../support/load.ts';
import { expectNothingLost } from '../support/nothing-lost.ts';
import { attemptRequest } from '../support/request.ts';
import { bootApp } from '../support/systemd-app.ts';
import { exampleUnit } from '../support/units.ts';

const unit = `${exampleUnit('app-notify.service')}\n[Unit]\nStartLimitIntervalSec=0\n${exampleUnit('fd-store.conf')}`;

describeBooted('a unit whose sockets systemd keeps', () => {
  it('refuses nobody while it is restarted, upgraded, and systemd executes itself anew', async () => {
    await using app = await bootApp({ 'app.service': unit });
    await app.answers(1);
    await using load = startLoad({ target: app.target, pauseMs: 2 });
    expect(await app.show(app.unit, 'NFileDescriptorStore')).toBe('2');
    const restarts = 3;
    for (let count = 1; count <= restarts; count += 1) {
      const before = app.worker();
      await app.systemctl('restart', app.unit);
      await eventually(() => expect(app.worker()).not.toBe(before));
      if (count === 1) await app.systemctl('daemon-reexec');
      if (count === 2) {
        await app.systemctl('kill', '--signal=USR2', '--kill-who=main', app.unit);
        await eventually(async () => expect(await app.journal(app.unit)).toContain('replaced version'));
      }
      expect(await app.show(app.unit, 'NFileDescriptorStore')).toBe('2');
    }
    // Each start counts its generations anew.
    expectNothingLost(await load.stop(), 1);
    const files = '--pid-file=/run/app/app.pid --status-file=/run/app/app.status --ready=notify';
    const upgraded = async (sockets: string) => {
      const command = `start-server --upgrade ${files} ${sockets} --path=/run/app/app.sock -- node server.mjs`;
      const { exitCode, stderr } = await app.run('sh', '-c', `cd /opt/app && ${command}`);
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    };
    const keeps = (count: string) =>
      eventually(async () => expect(await app.show(app.unit, 'NFileDescriptorStore')).toBe(count));
    await upgraded('--fd-store --port=127.0.0.1:8080 --port=127.0.0.1:9090');
    await keeps('3');
    await upgraded('--fd-store');
    await keeps('1');
    await upgraded('');
    await keeps('0');
    await app.systemctl('stop', app.unit);
    expect(await app.show(app.unit, 'Result')).toBe('success');
    expect(existsSync(app.outside('/run/app'))).toBe(false);
    await app.systemctl('start', app.unit);
    await app.answers(1);
  });

  it('serves who has connected while nobody ran, also after a crash, which refuses nobody either', async () => {
    await using app = await bootApp({ 'app.service': `${unit}RestartSec=500ms\n` });
    await app.answers(1);
    await using load = startLoad({ target: app.target, pauseMs: 2 });
    await app.run('kill', '-KILL', await app.show(app.unit, 'MainPID'));
    await eventually(async () => expect(await app.show(app.unit, 'SubState')).toBe('auto-restart'));
    expect(await attemptRequest(app.target, 20_000)).toMatchObject({ outcome: 'ok', generation: 1 });
    const { counts } = await load.stop();
    // What the worker that was killed had in its hands is lost with it.
    expect(counts.refused).toBe(0);
    expect(await app.show(app.unit, 'NRestarts')).toBe('1');
  });
});
