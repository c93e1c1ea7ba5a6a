// A whole life: start to the first worker, the first deploy (nothing is warm yet), TERM to exit.
import { commandLine } from '../programs.ts';
import { type Goal, interleaved, newSamples, type Rig, type Row, timesReference } from '../rig.ts';
import { plural } from './hup.ts';

const SETTLE_MS = 60;

export type Plan = { readonly sockets: number; readonly goal: Goal };

export async function start(rig: Rig, { sockets, goal }: Plan): Promise<readonly Row[]> {
  const { driver, programs, worker, rounds } = rig;
  const [starts, deploys, stops] = [newSamples(), newSamples(), newSamples()];
  for (const program of interleaved(rounds, [...programs, 'bare node'])) {
    if (program === 'bare node') {
      starts.floor.push(await driver.run('node', SETTLE_MS, ['node', '-e', '0']));
      continue;
    }
    const { side } = program;
    const argv = commandLine(program, { sockets, worker: [worker] });
    starts[side].push((await driver.start(side, SETTLE_MS, argv)).ms);
    deploys[side].push(await driver.hup(side, SETTLE_MS));
    await driver.retired(side);
    stops[side].push(await driver.stop(side, SETTLE_MS));
  }
  const on = plural(sockets);
  return [
    { what: `start to first worker, ${on}`, unit: 'ms', samples: starts, floor: 'node -e 0', goal },
    { what: `first HUP after start, ${on}`, unit: 'ms', samples: deploys, goal: timesReference(0.65) },
    { what: `TERM to exit, ${on}`, unit: 'ms', samples: stops, goal: timesReference(1) },
  ];
}
