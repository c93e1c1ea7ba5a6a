// The .service: how it is started, deployed and stopped, and the cage that it lives in.

import { type ResourceLimit, UNLIMITED } from '../../posix/process/privileges.ts';
import { directories } from './directories.ts';
import { runAs } from './run-as.ts';
import type { Located, UnitWorld } from './unit-request.ts';
import { commandLine, plainPath, quotedWord } from './unit-words.ts';

/** Throws StartupError. */
export function serviceUnit(located: Located, world: UnitWorld): string {
  return `[Unit]
Description=${located.name}, ${DESCRIPTION[located.kind]}
${located.kind === 'socket' ? 'Requires=%N.socket\nAfter=network.target %N.socket' : 'After=network.target'}

[Service]
${[...startLines(located, world), ...lifeLines(located)].join('\n')}

# The workers, too, live in this cage: writable are the directories named here, and /tmp; nothing else.
${cageLines(located, world).join('\n')}
# Not MemoryDenyWriteExecute=yes: Node compiles JavaScript to machine code while it runs.

[Install]
WantedBy=multi-user.target
`;
}

const DESCRIPTION = {
  notify: 'deployed by systemctl reload, which fails when the deploy fails',
  'notify-reload': 'deployed by systemctl reload (systemd 253 or later)',
  socket: 'on sockets that systemd keeps open',
  simple: 'deployed by systemctl reload',
} as const;

function startLines(located: Located, world: UnitWorld): string[] {
  const { kind, words, options, pidFile, statusFile } = located;
  const type = kind === 'socket' ? 'notify' : kind;
  const reload = ['--restart', `--wait-timeout=${startSeconds(located) - 10}`, `--pid-file=${pidFile}`];
  if (statusFile !== undefined) reload.push(`--status-file=${statusFile}`);
  return [
    `Type=${type}`,
    ...(kind === 'simple' ? [] : ['NotifyAccess=main']),
    `WorkingDirectory=${plainPath(world.directory)}`,
    ...pathLine(located, world),
    commandLine('ExecStart', [...world.program, ...words, '--', ...options.command]),
    ...(kind === 'notify-reload' ? [] : [commandLine('ExecReload', [...world.program, ...reload])]),
  ];
}

/** What a service finds by name, unless it is told otherwise. */
const PATH_OF_SERVICES = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where the program, or the node that we run by, is another one for a service, or none. */
function pathLine({ options: { command } }: Located, { environment, find }: UnitWorld): string[] {
  const path = environment.get('PATH');
  if (path === undefined) return [];
  const named = ['node', command[0]].filter((program) => !program.includes('/'));
  const isSame = named.every((program) => {
    const ours = find(program, path);
    return ours === undefined || ours === find(program, PATH_OF_SERVICES);
  });
  return isSame ? [] : [`Environment=${quotedWord(`PATH=${path}`)}`];
}

/** Each attempt of a start gets more by itself (EXTEND_TIMEOUT_USEC); a reload is one command. */
function startSeconds({ options }: Located): number {
  const { readyTimeoutMs, intervalMs, check, canaryMs = 0 } = options;
  const attemptMs = Math.max(readyTimeoutMs, intervalMs);
  const delay = Number(options.exported.get('KILL_OLD_DELAY') ?? 0);
  return 30 + delay + Math.ceil((attemptMs + (check === undefined ? 0 : readyTimeoutMs) + canaryMs) / 1000);
}

function lifeLines(located: Located): string[] {
  const { kind, options } = located;
  return [
    `TimeoutStartSec=${startSeconds(located)}`,
    ...(kind === 'simple' ? [] : ['WatchdogSec=15']),
    'KillMode=mixed',
    `TimeoutStopSec=${Math.max(30, Math.ceil(options.stopTimeoutMs / 1000) + 5)}`,
    'Restart=on-failure',
    'RestartSec=1',
    ...storeLines(located),
    ...limitLines(options.privileges?.limits ?? []),
    ...((options.privileges?.oomScoreAdj ?? 0) < 0
      ? [`OOMScoreAdjust=${options.privileges?.oomScoreAdj}`]
      : []),
  ];
}

const STORED = 64;

/** Those of the command line before may be in it, too. The file of a Unix socket has to stay as long as the socket. */
function storeLines({ kind, options }: Located): string[] {
  if (!options.fdStore || kind === 'socket') return [];
  const most = Math.max(STORED, 2 * options.sockets.length);
  return [`FileDescriptorStoreMax=${most}`, 'RuntimeDirectoryPreserve=restart'];
}

const OPEN_FILES = 65_536n;
/** Those whose hard one is low where nobody asks, and which hold the superdaemon up in nothing. */
const RAISED = ['memlock', 'msgqueue', 'nice', 'rtprio', 'sigpending'];

function limitLines(limits: readonly (ResourceLimit & { readonly name: string })[]): string[] {
  const hard = limits.find(({ name }) => name === 'nofile')?.hard ?? 0n;
  const value = (limit: bigint) => (limit === UNLIMITED ? 'infinity' : String(limit));
  return [
    `LimitNOFILE=${value(hard > OPEN_FILES ? hard : OPEN_FILES)}`,
    ...limits
      .filter(({ name }) => RAISED.includes(name))
      .map((limit) => `Limit${limit.name.toUpperCase()}=${value(limit.hard)}`),
  ];
}

function cageLines(located: Located, world: UnitWorld): string[] {
  const { lines, owner } = directories(located, world);
  const { lines: user, seesHomes, seesTmp } = runAs(located, owner, world);
  return [
    ...user,
    ...lines,
    'ProtectSystem=strict',
    `ProtectHome=${seesHomes ? 'read-only' : 'yes'}`,
    `PrivateTmp=${seesTmp ? 'no' : 'yes'}`,
    ...CAGE,
  ];
}

const CAGE = [
  'PrivateDevices=yes',
  'NoNewPrivileges=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallErrorNumber=EPERM',
];
