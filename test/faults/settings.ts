import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Setting {
  readonly name: string;
  readonly workers: number;
  /** Whether it replaces itself in the middle of its life. */
  readonly upgrades: boolean;
  /** In the directory of the life. */
  readonly prepare: (path: (name: string) => string) => void;
  /** `port`: this one and the next are free. */
  readonly options: (port: number) => readonly string[];
  readonly command: readonly string[];
}

const worker = (name: string) => fileURLToPath(new URL(`../workers/${name}`, import.meta.url));
const echo = ['perl', worker('echo.pl')];
const saying = 'open my $n, ">&=", $ENV{NOTIFY_FD}; syswrite $n, "\\n"; close $n; do $ARGV[0]';

const plain: readonly Omit<Setting, 'upgrades'>[] = [
  {
    name: 'one',
    workers: 1,
    prepare: (path) => {
      mkdirSync(path('kept-env'));
      writeFileSync(path('kept-env/NAME'), 'value');
    },
    options: () => ['--log-file=log', '--envdir=kept-env'],
    command: echo,
  },
  {
    name: 'pool',
    workers: 2,
    prepare: () => {},
    options: (port) => [
      ...['--log-file=| exec cat >>log', '--workers=2', '--ready=notify', '--check=true', '--on-event=true'],
      ...['--kill-tree', '--metrics-file=metrics', `--worker-port=127.0.0.1:${port}`],
    ],
    command: ['perl', '-e', saying, worker('echo.pl')],
  },
];

export const settings: readonly Setting[] = plain.flatMap((each) => [
  { ...each, upgrades: false },
  { ...each, name: `${each.name}, upgraded`, upgrades: true },
]);
