// `npm run mutate -- [--every=N] [--from=N] [WORD ...]`: makes one slip at a time in the heart, and says which of them no unit test
// notices. It works on a copy. WORDs choose files by their names; of all slips it makes each Nth, beginning with `from`.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const HEART = 'src/superdaemon';
/** The quick ones first. */
const TESTS = [
  ['superdaemon-', 'storms-found', 'log-line'],
  ['unit/orders.test', 'unit/storm.test'],
];
/** Whoever takes longer does not end. */
const MOST_MS = 240_000;

/** Each is made wherever it matches, one at a time; a lookbehind keeps types and generics out. */
const SLIPS: readonly (readonly [RegExp, string])[] = [
  [/&&/g, '||'],
  [/\|\|/g, '&&'],
  [/===/g, '!=='],
  [/!==/g, '==='],
  [/(?<= )<(?= )/g, '<='],
  [/(?<= )>(?= )/g, '>='],
  [/(?<= )<=(?= )/g, '<'],
  [/(?<= )>=(?= )/g, '>'],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/Math\.max/g, 'Math.min'],
  [/Math\.min/g, 'Math.max'],
  [/\.some\(/g, '.every('],
  [/\.every\(/g, '.some('],
  [/(?<=[ (])!(?=\w)/g, ''],
  [/ \+ 1\b/g, ' + 2'],
  [/ - 1\b/g, ''],
  [/(?<=^ {2,8})[\w.]+\(.*\);$/g, ';'],
  [/(?<=^ {2,8})[\w.]+ \+?= .*;$/g, ';'],
];

interface Slip {
  readonly file: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

const words = process.argv.slice(2);
const option = (name: string, otherwise: number) =>
  Number(words.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise);
const chosen = words.filter((word) => !word.startsWith('--'));

const copy = mkdtempSync(join(tmpdir(), 'superdaemon-mutate-'));
try {
  for (const name of ['src', 'test', 'package.json', 'tsconfig.json']) {
    cpSync(name, join(copy, name), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  const [every, from] = [option('every', 1), option('from', 0)];
  const slips = allSlips().filter((_, index) => index % every === from % every);
  const survivors = slips.filter((slip, index) => {
    const noticedBy = TESTS.find((names) => isNoticed(slip, names));
    const where = `${slip.file}:${slip.line}  ${slip.before.trim()}  →  ${slip.after.trim() || '(nothing)'}`;
    say(`${index + 1}/${slips.length} ${noticedBy === undefined ? 'SURVIVES' : 'noticed '} ${where}`);
    return noticedBy === undefined;
  });
  say(`${slips.length - survivors.length} of ${slips.length} were noticed`);
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function allSlips(): readonly Slip[] {
  const files = readdirSync(HEART).filter(
    (name) => chosen.length === 0 || chosen.some((word) => name.includes(word)),
  );
  return files.flatMap((name) => {
    const file = `${HEART}/${name}`;
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((text, index) => slipsIn(file, index, text));
  });
}

function slipsIn(file: string, index: number, before: string): readonly Slip[] {
  if (/^\s*(\/\/|\/?\*|import|export (type|interface)|type |interface |\| |readonly )/.test(before))
    return [];
  return SLIPS.flatMap(([pattern, instead]) =>
    [...before.matchAll(pattern)].map((match) => {
      const after = before.slice(0, match.index) + instead + before.slice(match.index + match[0].length);
      return { file, line: index + 1, before, after };
    }),
  );
}

function isNoticed({ file, line, after }: Slip, names: readonly string[]): boolean {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text
      .split('\n')
      .with(line - 1, after)
      .join('\n'),
  );
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts'];
  const { status } = spawnSync(
    process.execPath,
    [...vitest, '--project=unit', '--bail=1', '--pool=threads', '--maxWorkers=1', '--no-isolate', ...names],
    { cwd: copy, timeout: MOST_MS, killSignal: 'SIGKILL', stdio: 'ignore' },
  );
  writeFileSync(path, text);
  return status !== 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
