// `npm run mutate -- [--every=N] [--from=N] [--folder=PATH | --chosen] [WORD ...]`: makes one slip at a time, in the heart or in that
// folder, and says which of them no unit test notices; with --chosen those outside the heart that somebody has thought of, of which the
// end-to-end tests are asked, too. It works on a copy. WORDs choose files by their names; of all slips it makes each Nth, beginning with `from`.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { chosenSlips } from './mutate/chosen.ts';
import { type Slip, slipsIn } from './mutate/slips.ts';
import { endToEndFails, unitTestsOf } from './mutate/tests-of-file.ts';
import { RUNNER, runUnits, type UnitRunner, unitRunner } from './mutate/unit-runner.ts';

const HEART = 'src/superdaemon';
/** The slower of the tests, in that order: they come last. */
const SLOWER = [
  'superdaemon-start',
  'superdaemon-pool-cases',
  'superdaemon-faults',
  'storm.test',
  'orders.test',
];

const words = process.argv.slice(2);
/** The heart's tests pass where nothing has slipped. */
let isSane = false;
if (words[0] === RUNNER) await runUnits(words[1]);
else await mutate();

async function mutate(): Promise<void> {
  const copy = copyOfAll();
  const heart = unitRunner(copy, { fresh: false });
  const others = unitRunner(copy, { fresh: true });
  process.on('exit', () => {
    heart[Symbol.dispose]();
    others[Symbol.dispose]();
    rmSync(copy, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  const slips = slipsWanted();
  let noticed = 0;
  for (const [index, slip] of slips.entries()) {
    const by = await noticedBy(slip, copy, slip.file.startsWith(HEART) ? heart : others);
    noticed += by === undefined ? 0 : 1;
    say(`${index + 1}/${slips.length} ${by === undefined ? 'SURVIVES' : `noticed by ${by}:`} ${slip.what}`);
  }
  say(`${noticed} of ${slips.length} were noticed`);
}

/** undefined, too, where that fails with the program as it is. */
async function noticedBy(
  { file, text, e2e = [] }: Slip,
  copy: string,
  runner: UnitRunner,
): Promise<string | undefined> {
  const path = join(copy, file);
  const sound = readFileSync(path);
  const tests = file.startsWith(HEART) ? testsOfHeart() : unitTestsOf(file);
  const inUnits = () => runner.failing({ changed: path, tests });
  const inE2e = async () => ((await endToEndFails(copy, e2e)) ? `${e2e}` : undefined);
  for (const failing of [inUnits, inE2e]) {
    writeFileSync(path, text);
    const by = await failing();
    writeFileSync(path, sound);
    if (by === undefined) continue;
    // The heart's need nothing of the machine: what passes once passes.
    if ((isSane && file.startsWith(HEART)) || (await failing()) === undefined) {
      isSane ||= file.startsWith(HEART);
      return by;
    }
  }
  return undefined;
}

function slipsWanted(): readonly Slip[] {
  const option = (name: string) => words.find((word) => word.startsWith(`--${name}=`))?.split('=')[1];
  const [every, from] = [Number(option('every') ?? 1), Number(option('from') ?? 0)];
  const names = words.filter((word) => !word.startsWith('--'));
  const all = words.includes('--chosen')
    ? chosenSlips(names, (what) => say(`cannot be made any more: ${what}`))
    : slipsIn(option('folder') ?? HEART, names);
  return all.filter((_, index) => index % every === from % every);
}

function testsOfHeart(): readonly string[] {
  const place = (name: string) => SLOWER.findIndex((each) => name.startsWith(each));
  return readdirSync('test/unit')
    .filter((name) => /^(superdaemon-.*|storms-found|log-line|storm|orders)\.test\.ts$/.test(name))
    .sort((a, b) => place(a) - place(b))
    .map((name) => `test/unit/${name}`);
}

function copyOfAll(): string {
  const copy = mkdtempSync(join(tmpdir(), 'superdaemon-mutate-'));
  const isOurs = (path: string) => !['.git', 'dist', 'node_modules'].includes(basename(path));
  cpSync('.', copy, { recursive: true, filter: isOurs });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  return copy;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
