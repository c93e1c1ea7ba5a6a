// `npm run fuzz [-- --only=TARGET --seconds=N --keep]`: reads texts that are made up by what they reach in the program, beginning
// with those of the corpus, for so long a target. What it finds it says, with the file that holds the text. With --keep the fewest
// that reach more than the corpus go into it. Needs `npm ci --prefix test/fuzz/jazzer --ignore-scripts`.

import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { keepBest } from './keep.ts';
import { type Outcome, prepareFuzzer, readTexts } from './read-texts.ts';

const all = readdirSync('test/fuzz/targets').map((name) => name.replace(/\.ts$/, ''));

process.exitCode = run();

function run(): number {
  const { only = all, seconds, keep } = options();
  const unknown = only.find((name) => !all.includes(name));
  if (unknown !== undefined) return refuse(`--only=${unknown}: not one of ${all.join(', ')}`);
  if (!/^[1-9]\d{0,5}$/.test(seconds)) return refuse(`--seconds=${seconds}: not a whole number of seconds`);
  if (!prepareFuzzer()) return refuse('needs: npm ci --prefix test/fuzz/jazzer --ignore-scripts');
  const outcomes = only.map((target) => {
    const outcome = readTexts(target, Number(seconds));
    say(inWords(target, outcome));
    if (keep && outcome.finding === undefined) say(keepBest(target));
    return outcome;
  });
  return outcomes.some(({ finding }) => finding !== undefined) ? 1 : 0;
}

function options() {
  return parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      seconds: { type: 'string', default: '60' },
      keep: { type: 'boolean', default: false },
    },
  }).values;
}

function inWords(target: string, { executions, edges, features, slowest, finding }: Outcome): string {
  const reached = `${executions} texts, ${edges} edges, ${features} features, the slowest took ${slowest} s`;
  return finding === undefined ? `${target}: ${reached}` : `${target}: ${reached}\n${finding}`;
}

function refuse(line: string): number {
  process.stderr.write(`fuzz: ${line}\n`);
  return 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
