import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/command-line/options.ts';
import { unitText } from '../../src/start/unit/print-unit.ts';
import type { UnitWorld } from '../../src/start/unit/unit-request.ts';
import { StartupError } from '../../src/startup-error.ts';

const places = new Map([
  ['/opt/app', 0],
  ['/srv/app/run', 1000],
  ['/home/alice', 1000],
  ['/var/lib/there', 0],
]);
const world: UnitWorld = {
  program: ['/usr/local/bin/start-server'],
  directory: '/opt/app',
  environment: new Map([['PATH', '/usr/bin']]),
  ownerOf: (path) => places.get(path),
  userName: (uid) => (uid === 1000 ? 'alice' : String(uid)),
  find: (program, path) => (path.split(':').includes('/usr/bin') ? `/usr/bin/${program}` : undefined),
};

function unit(words: readonly string[], other: Partial<UnitWorld> = {}): string {
  const invocation = parseOptions({ words, posixlyCorrect: false });
  if (invocation.kind !== 'print-unit') throw new Error(`is ${invocation.kind}`);
  return unitText({ ...invocation, kind: invocation.unit }, { ...world, ...other });
}

const command = ['--', 'node', 'server.mjs'];
const files = ['--pid-file=/run/app/app.pid', '--status-file=/run/app/app.status'];
const sockets = ['--port=127.0.0.1:8080', '--path=/run/app/app.sock'];
const attempts = ['--ready=notify', '--max-start-attempts=3'];
const lines = (...words: string[]) => unit(['--print-unit', ...words, ...command]).split('\n');
const set = (name: string, ...words: string[]) =>
  lines(...words).filter((line) => line.startsWith(`${name}=`));

describe('the units of examples/systemd', () => {
  const path = (name: string) => `../../examples/systemd/${name}`;
  // Without the line that says where a file belongs: they have names of their own.
  const printed = (...words: string[]) =>
    unit([...words, ...command])
      .split(/^# \/etc\/systemd\/system\/.*\n/m)
      .slice(1);

  it.each([
    ['app-notify.service', ['--print-unit=notify', ...sockets, ...files, ...attempts]],
    ['app-notify-reload.service', ['--print-unit=notify-reload', ...sockets, ...files, ...attempts]],
    ['app-simple.service', ['--print-unit=simple', ...sockets, ...files]],
  ])('%s is printed by --print-unit', async (name, words) => {
    await expect(printed(...words).join('')).toMatchFileSnapshot(path(name));
  });

  it('app-socket.socket and its service are printed by --print-unit=socket', async () => {
    const places = ['--port=127.0.0.1:8080', '--path=/run/app.sock'];
    const [socket = '', service] = printed('--print-unit=socket', ...places, ...files, ...attempts);
    await expect(socket.replace(/\n$/, '')).toMatchFileSnapshot(path('app-socket.socket'));
    await expect(service).toMatchFileSnapshot(path('app-socket.service'));
  });
});

describe('--print-unit', () => {
  it('makes paths whole, and keeps the words of the program', () => {
    const text = unit(
      ['--print-unit', '-pid', 'a.pid', '--dir', './x', '--env', 'e', '--', './server', 'y'],
      {
        ownerOf: () => 1000,
      },
    );
    expect(text).toContain(
      'ExecStart=/usr/local/bin/start-server --pid-file=/opt/app/a.pid --dir=/opt/app/x --envdir=/opt/app/e \\\n  -- ./server y\n',
    );
    expect(text).toContain('WorkingDirectory=/opt/app\n');
    expect(text).toContain(
      'ExecReload=/usr/local/bin/start-server --restart --wait-timeout=80 --pid-file=/opt/app/a.pid\n',
    );
  });

  it('names a pid file where the command line names none, for the deploy', () => {
    expect(lines().join(' ')).toContain('--pid-file=/run/app/app.pid -- node server.mjs');
    expect(set('RuntimeDirectory')).toEqual(['RuntimeDirectory=app']);
  });

  it('quotes words as systemd reads them', () => {
    const odd = ['5%', '$HOME', 'a b', `it's "x"`, 'back\\slash', 'a\tb\n', '', ';', '#no', 'ä'];
    const text = unit(['--print-unit', '--', 'node', ...odd]);
    expect(text).toContain(
      `-- node 5%% $$HOME "a b" "it's \\"x\\"" "back\\\\slash" "a\\x09b\\x0a" "" ";" "#no" "ä"\n`,
    );
    expect(() => unit(['--print-unit', '--', 'node', '\udcff'])).toThrow(StartupError);
  });

  it('lets systemd make directories below /run, and those below /var that are not there', () => {
    const words = ['--pid-file=/run/a/b/c', '--log-file=/var/log/app/log', '--status-file=/var/lib/app/s'];
    expect(set('RuntimeDirectory', ...words)).toEqual(['RuntimeDirectory=a/b']);
    expect(set('LogsDirectory', ...words)).toEqual(['LogsDirectory=app']);
    expect(set('StateDirectory', ...words)).toEqual(['StateDirectory=app']);
    expect(set('DynamicUser', ...words)).toEqual(['DynamicUser=yes']);
    expect(set('ReadWritePaths', ...words)).toEqual([]);
  });

  it('lets whom a directory belongs to write to it', () => {
    const words = ['--pid-file=/srv/app/run/pid', '--path=/srv/app/run/sock'];
    expect(set('ReadWritePaths', ...words)).toEqual(['ReadWritePaths=/srv/app/run']);
    expect(set('User', ...words)).toEqual(['User=alice']);
    expect(set('DynamicUser', ...words)).toEqual([]);
    const ofRoot = ['--pid-file=/var/lib/there/pid'];
    expect([...set('StateDirectory', ...ofRoot), ...set('User', ...ofRoot)]).toEqual([]);
    expect(() => lines('--pid-file=/srv/app/run/pid', '--status-file=/var/lib/there/s')).toThrow(
      '--status-file=/var/lib/there/s: /var/lib/there belongs to another user than the directory before it',
    );
    expect(set('CapabilityBoundingSet', '--user=1:1', '--pid-file=/srv/app/run/pid')).toEqual([
      'CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_KILL CAP_DAC_OVERRIDE',
    ]);
    expect(() => lines('--pid-file=/nowhere/pid')).toThrow(
      '--pid-file=/nowhere/pid: no such directory as /nowhere',
    );
  });

  it('lets see homes and /tmp whoever uses what lies there', () => {
    const text = unit(['--print-unit', '--dir=/home/alice/app', ...command]);
    expect(text).toMatch(/^User=alice$/m);
    expect(text).toMatch(/^ProtectHome=read-only$/m);
    expect(text).toMatch(/^PrivateTmp=yes$/m);
    const inTmp = unit(['--print-unit', ...command], { directory: '/tmp/app' });
    expect(inTmp).toMatch(/^PrivateTmp=no$/m);
    expect(inTmp).not.toContain('DynamicUser');
  });

  it.each([
    [['--port=443'], 'CAP_NET_BIND_SERVICE', true],
    [['--port=127.0.0.1:u53'], 'CAP_NET_BIND_SERVICE', true],
    [['--worker-port=127.0.0.1:900'], 'CAP_NET_BIND_SERVICE', true],
    [['--port=0', '--port=8080'], '', false],
    [['--path=/run/app/s', '--path-owner=1'], 'CAP_CHOWN CAP_FOWNER', true],
    [['--port=80', '--user=1:1'], 'CAP_NET_BIND_SERVICE CAP_SETUID CAP_SETGID CAP_KILL', false],
    [['--kill-tree', '--user=1:1'], 'CAP_SETUID CAP_SETGID CAP_KILL CAP_SYS_PTRACE', false],
    [['--kill-tree'], '', false],
    [['--nice=-1'], 'CAP_SYS_NICE', true],
  ])('gives what %j needs, and no more', (words, needed, isAmbient) => {
    expect(set('CapabilityBoundingSet', ...words)).toEqual([`CapabilityBoundingSet=${needed}`]);
    expect(set('AmbientCapabilities', ...words)).toEqual(isAmbient ? [`AmbientCapabilities=${needed}`] : []);
    expect(set('DynamicUser', ...words)).toEqual(words.includes('--user=1:1') ? [] : ['DynamicUser=yes']);
  });

  it('leaves --fd-store out of a service whose sockets systemd binds, and so keeps by itself', () => {
    const text = unit(['--print-unit=socket', '--fd-store', ...sockets, ...command]);
    expect(text).not.toMatch(/fd-store|FileDescriptorStore/);
  });

  it('has systemd keep the sockets, and their files, where --fd-store asks for that', () => {
    const kept = (...words: string[]) => [
      ...set('FileDescriptorStoreMax', ...words),
      ...set('RuntimeDirectoryPreserve', ...words),
    ];
    const asked = ['--fd-store', '--path=/run/app/sock'];
    expect(kept(...asked)).toEqual(['FileDescriptorStoreMax=64', 'RuntimeDirectoryPreserve=restart']);
    const ports = Array.from({ length: 40 }, (_, each) => `--port=${8000 + each}`);
    expect(kept('--fd-store', ...ports)[0]).toBe('FileDescriptorStoreMax=80');
    expect(kept('--path=/run/app/sock')).toEqual([]);
    expect(unit(['--print-unit=socket', ...asked, ...command])).not.toContain('FileDescriptorStore');
  });

  it('gives limits, scores and times that are at least what is asked for', () => {
    expect(set('LimitNOFILE', '--limit=nofile=1024')).toEqual(['LimitNOFILE=65536']);
    expect(set('LimitNOFILE', '--limit=nofile=1024:100000')).toEqual(['LimitNOFILE=100000']);
    expect(set('LimitMEMLOCK', '--limit=memlock=unlimited')).toEqual(['LimitMEMLOCK=infinity']);
    expect(set('LimitAS', '--limit=as=1000000')).toEqual([]);
    expect(set('OOMScoreAdjust', '--oom-score-adj=-100')).toEqual(['OOMScoreAdjust=-100']);
    expect(set('OOMScoreAdjust', '--oom-score-adj=100')).toEqual([]);
    expect(set('TimeoutStartSec', '--ready-timeout=100')).toEqual(['TimeoutStartSec=130']);
    expect(set('TimeoutStopSec', '--stop-timeout=60')).toEqual(['TimeoutStopSec=65']);
  });

  it('has the PATH of the caller where a service would find another node, or none', () => {
    expect(set('Environment')).toEqual([]);
    const find: UnitWorld['find'] = (program, path) => `${path.split(':')[0]}/${program}`;
    const environment = new Map([['PATH', '/opt/node/bin:/usr/bin']]);
    const text = unit(['--print-unit', ...command], { find, environment });
    expect(text).toMatch(/^Environment=PATH=\/opt\/node\/bin:\/usr\/bin$/m);
  });

  it('has systemd bind each kind of socket, with mode, owner and queue', () => {
    const words = ['--port=8080', '--port=[::1]:8081=7', '--port=u53', '--path=s', '--path-mode=0660'];
    const text = unit(['--print-unit=socket', ...words, '--path-owner=5:6', '--backlog=9', ...command]);
    expect(text.split('\n\n')[1]).toBe(
      [
        ...['[Socket]', 'ListenStream=0.0.0.0:8080', 'ListenStream=[::1]:8081', 'ListenDatagram=0.0.0.0:53'],
        ...['ListenStream=/opt/app/s', 'BindIPv6Only=ipv6-only', 'SocketMode=0660'],
        ...['SocketUser=5', 'SocketGroup=6', 'Backlog=9'],
      ].join('\n'),
    );
    expect(text).toMatch(/^CapabilityBoundingSet=$/m);
    expect(text).not.toContain('ReadWritePaths');
  });

  it.each([
    [['--print-unit=forking', ...command], '--print-unit=forking: not notify, notify-reload, socket, simple'],
    [['--print-unit'], /^server program not specified/],
    [['--print-unit', '--dry-run', ...command], '--dry-run: not together with --print-unit'],
    [['--print-unit', '--restart', '--pid-file=p'], /not together with/],
    [
      ['--print-unit', '--daemonize', '--log-file=l', ...command],
      '--print-unit: not together with --daemonize: systemd keeps it in the foreground',
    ],
    [['--print-unit=socket', ...command], '--print-unit=socket: needs --port or --path'],
    [
      ['--print-unit=socket', '--port=0', ...command],
      '--print-unit=socket: --port=0: systemd needs the number of the port',
    ],
  ])('refuses %j', (words, why) => {
    expect(() => unit(words)).toThrow(why);
  });
});
