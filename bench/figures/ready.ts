// HUP to the old worker's signal, the new worker being ready at once. The reference can only wait and hope: it has its
// default interval of a second.
import { commandLine, type Program } from '../programs.ts';
import { interleaved, newSamples, type Rig, type Row } from '../rig.ts';
import { SETTLE_MS } from './hup.ts';

const OPTIONS = { ours: ['--ready=notify'], reference: ['--interval=1'] } as const;
/** The reference takes more than a second for each. */
const MOST_ROUNDS = 8;

export async function ready({ driver, programs, worker, rounds }: Rig): Promise<readonly Row[]> {
  const samples = newSamples();
  const deploy = async ({ side }: Program): Promise<number> => {
    await driver.hup(side, SETTLE_MS);
    return driver.retired(side);
  };
  for (const program of programs) {
    const setup = { sockets: 1, options: OPTIONS[program.side], worker: [worker] };
    await driver.start(program.side, SETTLE_MS, commandLine(program, setup));
    await deploy(program);
  }
  for (const program of interleaved(Math.min(rounds, MOST_ROUNDS), programs)) {
    samples[program.side].push(await deploy(program));
  }
  for (const { side } of programs) await driver.stop(side, SETTLE_MS);
  const goal = { kind: 'value', atMost: 5 } as const;
  return [{ what: 'HUP to old worker told, ready at once', unit: 'ms', samples, goal }];
}
