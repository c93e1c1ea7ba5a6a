import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeBooted } from '../support/booted-systemd.ts';
import { eventually } from '../support/eventually.ts';
import { expectNothingLost } from '../support/nothing-lost.ts';
import { attemptRequest } from '../support/request.ts';
import { bootPrinted, reloadUnderLoad, type SystemdApp } from '../support/systemd-app.ts';

const files = ['--pid-file=/run/app/app.pid', '--status-file=/run/app/app.status'];
const attempts = ['--ready=notify', '--max-start-attempts=3'];
const odd = [
  '5%i',
  '$HOME',
  `\${HOME}`,
  'a b',
  `it's "x"`,
  'back\\slash',
  'a\tb\n',
  '',
  ';',
  '#no',
  'ä',
  '-',
];
const saying = ['--', 'sh', '-c', 'printf "<%s>" "$@" >/run/app/words; exec node server.mjs', 'sh', ...odd];

describeBooted('a unit that --print-unit has printed', () => {
  it('starts with every word as it was given, at a low port, and deploys by systemctl reload under load', async () => {
    const sockets = ['--port=127.0.0.1:80', '--path=/run/app/app.sock'];
    await using app = await bootPrinted(
      ['--print-unit', ...sockets, ...files, ...attempts, ...saying],
      'app.service',
    );
    expect(await faults(app, ['app.service'])).toBe('');
    await using load = await reloadUnderLoad(app, 3);
    expectNothingLost(await load.stop(), 4);
    expect(readFileSync(app.outside('/run/app/words'), 'utf8')).toBe(odd.map((word) => `<${word}>`).join(''));
    const { exitCode, stdout } = await app.run('systemd-analyze', ...security);
    expect(exitCode, stdout).toBe(0);
    const fetching =
      "fetch('http://127.0.0.1:80/').then((r) => r.text()).then((text) => process.stdout.write(text))";
    expect((await app.run('node', '-e', fetching)).stdout).toMatch(/generation 4$/);
    const held = (await app.run('cat', `/proc/${app.worker()}/status`)).stdout;
    expect(held).toMatch(/^Uid:\t6\d{4}\t/m);
    expect(held).toMatch(/^CapEff:\t0000000000000400$/m);
  });

  it('with sockets of systemd, and workers of another user, is started by the first connection', async () => {
    const sockets = ['--port=8080', '--path=/run/app.sock', '--path-mode=0660'];
    const less = ['--user=daemon', '--umask=077', '--nice=2', '--limit=nofile=4096'];
    await using app = await bootPrinted(
      ['--print-unit=socket', ...sockets, ...files, ...attempts, ...less, '--', 'node', 'server.mjs'],
      'app.socket',
      '/run/app.sock',
    );
    expect(await faults(app, ['app.socket', 'app.service'])).toBe('');
    expect(await attemptRequest(app.target, 30_000)).toMatchObject({ outcome: 'ok', generation: 1 });
    await eventually(async () => expect(await app.show('app.service', 'ActiveState')).toBe('active'));
    await app.systemctl('reload', 'app.service');
    expect(app.generations()).toEqual([2]);
    const worker = (await app.run('cat', `/proc/${app.worker()}/status`)).stdout;
    expect(worker).toMatch(/^Uid:\t1\t1\t1\t1$/m);
    expect(worker).toMatch(/^CapPrm:\t0+$/m);
    expect(worker).toMatch(/^Umask:\t0077$/m);
    const pid = await app.show('app.service', 'MainPID');
    const main = (await app.run('cat', `/proc/${pid}/status`)).stdout;
    expect(main).toMatch(/^Uid:\t0\t0\t0\t0$/m);
    // CAP_KILL, CAP_SETGID, CAP_SETUID.
    expect(main).toMatch(/^CapPrm:\t00000000000000e0$/m);
  });
});

const security = ['security', '--offline=yes', '--threshold=22', '/etc/booted/app.service'];

async function faults(app: SystemdApp, names: readonly string[]): Promise<string> {
  const verify = [
    'verify',
    '--man=no',
    '--recursive-errors=no',
    ...names.map((name) => `/etc/booted/${name}`),
  ];
  const { stderr } = await app.run('env', 'SYSTEMD_UNIT_PATH=/etc/booted', 'systemd-analyze', ...verify);
  return stderr;
}
