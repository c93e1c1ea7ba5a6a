// Requests per second of the same small server behind each superdaemon, and with none in front of it.
import { join } from 'node:path';
import { commandLine } from '../programs.ts';
import { interleaved, newSamples, type Rig, type Row } from '../rig.ts';
import { SETTLE_MS } from './hup.ts';

const ROUND_MS = 700;

export async function load(rig: Rig): Promise<readonly Row[]> {
  const { driver, programs, worker, directory, rounds } = rig;
  const samples = newSamples();
  const sides = [...programs.map(({ side }) => side), 'floor'] as const;
  const path = (side: string) => join(directory, `${side}.sock`);
  for (const program of programs) {
    const setup = { sockets: 0, options: [`--path=${path(program.side)}`], worker: [worker, 'serve'] };
    await driver.start(program.side, SETTLE_MS, commandLine(program, setup));
  }
  await driver.start('floor', SETTLE_MS, [worker, 'serve', path('floor')]);
  for (const side of interleaved(rounds, sides)) {
    samples[side].push(((await driver.load(side, path(side), ROUND_MS)) * 1000) / ROUND_MS);
  }
  for (const side of sides) await driver.stop(side, SETTLE_MS);
  return [
    {
      what: 'requests behind it',
      unit: '/s',
      samples,
      floor: 'without it',
      goal: { kind: 'share of floor', atLeast: 0.95 },
    },
  ];
}
