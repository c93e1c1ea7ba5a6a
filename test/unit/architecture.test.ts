// Which room may reach into which: an arrow that would lead back up fails here (docs/architecture.md).

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../../src', import.meta.url));

/** From the lowest up: each may use those below it. */
const ROOMS = [
  'posix',
  'superdaemon',
  'systemd',
  'files',
  'sockets',
  'workers',
  'recovery',
  'command-line',
  'control',
  'metrics',
  'host',
  'upgrade',
  'start',
  'client',
] as const;

/** What stands by itself: the heart asks for everything through its Host, the library goes into other people's programs. */
const ALONE: readonly string[] = ['superdaemon', 'library'];
/** A client asks over the control socket: it is not to know how a superdaemon is put together. */
const CLIENT_KNOWS: readonly string[] = [
  'posix',
  'superdaemon',
  'files',
  'command-line',
  'control',
  'metrics',
];
/** What everybody may use. */
const LEAVES: readonly string[] = ['startup-error.ts', 'printable.ts'];
const MOST_LINES = 150;

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\.(ts|cjs)$/.test(file),
);
const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8');
  const found = text.matchAll(/(?:from|import|import\(|require\()\s*'(\.[^']+)'/g);
  return Array.from(found, ([, path = '']) => ({
    from: file,
    to: normalize(join(dirname(file), path)),
  })).filter(({ to }) => !to.startsWith('..'));
}

const roomOf = (file: string) => (file.includes('/') ? (file.split('/')[0] ?? '') : file);
const rank = (room: string) => (ROOMS as readonly string[]).indexOf(room);
const between = imports
  .filter(({ from, to }) => roomOf(from) !== roomOf(to) && !LEAVES.includes(to) && roomOf(from) !== 'cli.ts')
  .map(({ from, to }) => ({ line: `${from} → ${to}`, from: roomOf(from), to: roomOf(to) }));
const lines = (found: typeof between) => found.map(({ line }) => line);

describe('a room', () => {
  it('is one that the plan has', () => {
    const rooms = new Set(files.map(roomOf));
    const known = new Set<string>([...ROOMS, ...LEAVES, 'cli.ts', 'library']);
    expect([...rooms].filter((room) => !known.has(room))).toEqual([]);
    expect([...known].filter((room) => !rooms.has(room))).toEqual([]);
  });

  it('reaches down only', () => {
    const up = between.filter(({ from, to }) => rank(to) > rank(from));
    expect(lines(up)).toEqual([]);
  });

  it('that stands alone reaches nowhere', () => {
    expect(lines(between.filter(({ from }) => ALONE.includes(from)))).toEqual([]);
    expect(lines(between.filter(({ to }) => to === 'library'))).toEqual([]);
  });

  it('of the clients knows nothing of how a superdaemon is put together', () => {
    const foreign = between.filter(({ from, to }) => from === 'client' && !CLIENT_KNOWS.includes(to));
    expect(lines(foreign)).toEqual([]);
  });
});

describe('one owner', () => {
  const owners = (pattern: RegExp) =>
    files.filter((file) => pattern.test(readFileSync(join(src, file), 'utf8')));

  it.each([
    ['koffi', /require\('koffi'\)|from 'koffi'/, /^posix\/libc\//],
    ['koffi’s binary', /koffi\.cjs'/, /^posix\/libc\//],
    ['commander', /from 'commander'/, /^command-line\//],
    ['what closes a descriptor, and never fails', /\bcloseSync\b/, /^(posix\/libc|library)\//],
    ['pino', /(?:from|import\() ?'pino'/, /^files\/json-format\.ts$/],
    [
      'the exit of the process',
      /process\.exit\(/,
      /^(posix\/libc\/koffi\.cjs|library\/inherit\/leaving\.ts)$/,
    ],
  ])('has %s', (_, pattern, owner) => {
    expect(owners(pattern).filter((file) => !owner.test(file))).toEqual([]);
  });
});

it('a file has no more lines than a reader can hold, unless it is a table', () => {
  const tables = ['superdaemon/log-event.ts'];
  const long = files.filter(
    (file) =>
      !tables.includes(file) && readFileSync(join(src, file), 'utf8').split('\n').length - 1 > MOST_LINES,
  );
  expect(long).toEqual([]);
});
