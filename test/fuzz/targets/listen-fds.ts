// LISTEN_FDS, LISTEN_FDNAMES in the second line: understood, or refused with its name, and handed on to nobody. In the lines
// behind them sockets that our caller may have bound, KIND FAMILY HOST PORT or `unix PATH`, and options: each socket serves
// one option, or stands for itself.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { type Family, isIpAddress } from '../../../src/posix/socket/ip-address.ts';
import type { InternetAddress } from '../../../src/posix/socket/sockaddr.ts';
import { type ActivatedSocket, takeActivation } from '../../../src/sockets/activation.ts';
import { matchActivated } from '../../../src/sockets/match-activated.ts';
import { canBeNamed, parsePath, parsePort, type SocketSpec } from '../../../src/sockets/socket-spec.ts';
import { bareCaller } from '../../support/bare-caller.ts';
import { orRefused } from '../../support/parsing.ts';

export const words = [
  ...[
    '0\n',
    '1\n',
    '999999',
    ':',
    '\n',
    'stream ',
    'datagram ',
    'ipv4 ',
    'ipv6 ',
    '127.0.0.1 ',
    '0.0.0.0 ',
    ':: ',
  ],
  ...['::1 ', '80', 'u53', 'unix /s', 'dual ', '/s', '127.0.0.1:80', '[::1]:80'],
];

export function fuzz(input: Buffer): void {
  const [fds = '', names = '', ...lines] = input.toString('utf8').split('\n');
  const environment = new Map([
    ['LISTEN_PID', String(process.pid)],
    ['LISTEN_FDS', fds],
    ['LISTEN_FDNAMES', names],
    ['OTHER', '1'],
  ]);
  const taken = orRefused('LISTEN_FDS', () => takeActivation({ ...bareCaller, environment }));
  if (taken !== undefined) deepStrictEqual([...taken.caller.environment], [['OTHER', '1']]);
  const sockets = lines.flatMap(socketIn);
  const specs = lines.flatMap((line) => orRefused('--p', () => specIn(line)) ?? []);
  const placed = orRefused('a socket', () => matchActivated(specs, sockets));
  if (placed === undefined) return;
  deepStrictEqual(
    placed.slice(0, specs.length).map(({ spec }) => spec),
    specs,
  );
  const used = placed.flatMap(({ activated }) => activated ?? []);
  deepStrictEqual(new Set(used), new Set(sockets));
  deepStrictEqual(used.length, sockets.length);
  ok(placed.every(({ spec: { name } }) => name !== '' && canBeNamed(name)));
}

/** With an address, as it is once names are resolved. */
function specIn(line: string): SocketSpec[] {
  if (line.includes(' ')) return [];
  const spec = line.includes('/') ? parsePath(line) : parsePort(line);
  return spec.kind === 'unix' || isIpAddress(spec.family, spec.host) ? [spec] : [];
}

const SOCKET = /^(?<dual>dual )?(?<type>stream|datagram) (?<family>ipv4|ipv6) (?<host>\S+) (?<port>\d{1,5})$/;

function socketIn(line: string, index: number): ActivatedSocket[] {
  const own = { fd: 3 + index, fdName: undefined, option: 'a socket' };
  if (line.startsWith('unix ')) {
    const path = Buffer.from(line.slice('unix '.length));
    return [{ ...own, type: 'stream', dualStack: false, address: { family: 'unix', path } }];
  }
  const { dual, type, family, host = '', port } = SOCKET.exec(line)?.groups ?? {};
  const known: Family | undefined = family === 'ipv4' || family === 'ipv6' ? family : undefined;
  if (known === undefined || !isIpAddress(known, host) || Number(port) > 65_535) return [];
  const address: InternetAddress = { family: known, host, port: Number(port) };
  return [
    { ...own, type: type === 'stream' ? 'stream' : 'datagram', dualStack: dual !== undefined, address },
  ];
}
