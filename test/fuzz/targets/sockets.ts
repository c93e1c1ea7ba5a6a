// Lines as values of --port and, where they hold a slash, of --path: SERVER_STARTER_PORT names what they ask for, and whoever
// reads it finds that: our library, our preload, the reference's; an option of such a name asks for the same again. A `!` in
// front: for --listen-fds, too, whose variables have as many names as sockets.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { parsePlaces } from '../../../src/library/inherit/places.ts';
import { serverPorts } from '../../../src/library/server-ports.ts';
import { fromBytes } from '../../../src/posix/libc/bytes.ts';
import { chooseNumbers, type FdEntry, serverStarterPort } from '../../../src/sockets/fd-table.ts';
import { parsePath, parsePort, type SocketSpec } from '../../../src/sockets/socket-spec.ts';
import { listenFdsVariables } from '../../../src/workers/listen-fds.ts';
import { withVariable } from '../../support/environment.ts';
import { orRefused } from '../../support/parsing.ts';

export const words = [
  '80',
  '0',
  'u53',
  '=3',
  '=4',
  '=1023',
  ':',
  '[::1]:80',
  '127.0.0.1:',
  'localhost:',
  '/s',
  ';',
  '\n',
  '!',
];

const WORKER = { passedThrough: [7], limit: 1024, first: 3 } as const;
const OPTION = '--p';

export function fuzz(input: Buffer): void {
  const text = fromBytes(input);
  const consecutive = text.startsWith('!');
  const lines = text.slice(consecutive ? 1 : 0).split('\n');
  const specs = lines
    .map((line) => orRefused(OPTION, () => specOf(line)))
    .filter((each) => each !== undefined);
  const numbers = orRefused(OPTION, () => chooseNumbers(specs, { ...WORKER, consecutive }));
  if (numbers === undefined) return;
  deepStrictEqual([...new Set(numbers)], numbers);
  ok(numbers.every((each) => each < WORKER.limit));
  const entries = specs.map(({ name }, index) => ({ name, from: -1, to: numbers[index] ?? -1 }));
  for (const [index, spec] of specs.entries()) asksForTheSame(spec, numbers[index] ?? -1);
  namesThem(entries);
  const { LISTEN_FDS = '0', LISTEN_FDNAMES } = Object.fromEntries(
    listenFdsVariables(entries.map((each) => ({ ...each, fdName: undefined }))),
  );
  deepStrictEqual(Number(LISTEN_FDS), LISTEN_FDNAMES?.split(':').length ?? 0);
}

function specOf(line: string): SocketSpec {
  return line.includes('/') ? parsePath(line) : parsePort(line);
}

function asksForTheSame({ option: _, ...spec }: SocketSpec, fd: number): void {
  if (spec.kind === 'unix') {
    const { option: _path, ...again } = parsePath(spec.name);
    deepStrictEqual(again, spec);
    return;
  }
  const udp = spec.kind === 'udp' ? 'u' : '';
  const { option: _port, ...again } = parsePort(`${spec.name.replace(/\d+$/, `${udp}$&`)}=${fd}`);
  deepStrictEqual(again, { ...spec, fd });
}

function namesThem(entries: readonly FdEntry[]): void {
  const text = serverStarterPort(entries);
  // What Node has of an environment is UTF-8.
  if (!text.isWellFormed()) return;
  const given = entries.map(({ name, to }) => [name, to]);
  const places = parsePlaces({ SERVER_STARTER_PORT: text });
  deepStrictEqual(
    places.map(({ name, fd }) => [name, fd]),
    given,
  );
  const isAmbiguous = new Set(entries.map(({ name }) => name)).size < entries.length;
  const read = withVariable('SERVER_STARTER_PORT', text, () => {
    try {
      return [...serverPorts()];
    } catch (error) {
      ok(isAmbiguous && /^Error: SERVER_STARTER_PORT: two sockets have the name /.test(String(error)));
      return given;
    }
  });
  deepStrictEqual(read, given);
  // The reference's library cuts at the first equals sign.
  if (!entries.some(({ name }) => name.includes('='))) deepStrictEqual(asPerlReads(text), given);
}

function asPerlReads(text: string): (string | number)[][] {
  if (text === '') return [];
  return text.split(';').map((entry) => {
    const [name = '', fd] = entry.split('=');
    return [name, Number(fd)];
  });
}
