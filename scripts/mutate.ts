// `npm run mutate -- [--every=N] [--from=N] [--quick] [--folder=PATH | --chosen] [WORD ...]`: makes one slip at a time, in the heart or
// in that folder, and says which of them no unit test notices (--quick: no case, without storms and orders); with --chosen those
// outside the heart that somebody has thought of, of which the end-to-end tests are asked, too. WORDs choose files by their names, or
// lines of them (fill.ts:30); of all slips it makes each Nth, beginning with `from`.

import { chosenSlips } from './mutate/chosen.ts';
import { heartTests } from './mutate/heart-tests.ts';
import { otherTests } from './mutate/other-tests.ts';
import { HEART, type Slip, slipsIn } from './mutate/slips.ts';
import { RUN_UNITS, runUnits } from './mutate/unit-runner.ts';

const words = process.argv.slice(2);
if (words[0] === RUN_UNITS) await runUnits();
else await mutate();

async function mutate(): Promise<void> {
  const [heart, others] = [heartTests({ quick: words.includes('--quick') }), otherTests()];
  process.on('exit', () => {
    heart[Symbol.dispose]();
    others[Symbol.dispose]();
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  const slips = slipsWanted();
  let noticed = 0;
  for (const [index, slip] of slips.entries()) {
    const by = await (slip.file.startsWith(HEART) ? heart : others).noticedBy(slip);
    noticed += by === undefined ? 0 : 1;
    say(`${index + 1}/${slips.length} ${by === undefined ? 'SURVIVES' : `noticed by ${by}:`} ${slip.what}`);
  }
  say(`${noticed} of ${slips.length} were noticed`);
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

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
