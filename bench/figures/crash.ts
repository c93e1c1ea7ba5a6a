// SIGKILL of the current worker to the first instruction of its replacement.
import { commandLine } from '../programs.ts';
import { interleaved, newSamples, type Rig, type Row, timesReference } from '../rig.ts';

// A worker that dies sooner might be taken for one that failed to start, and be held back.
const SETTLE_MS = 130;

export async function crash({ driver, programs, worker, rounds }: Rig): Promise<readonly Row[]> {
  const samples = newSamples();
  for (const program of programs) {
    await driver.start(program.side, 0, commandLine(program, { sockets: 1, worker: [worker] }));
    await driver.crash(program.side, SETTLE_MS);
  }
  for (const { side } of interleaved(rounds, programs)) {
    samples[side].push(await driver.crash(side, SETTLE_MS));
  }
  for (const { side } of programs) await driver.stop(side, SETTLE_MS);
  return [{ what: 'crash to new worker', unit: 'ms', samples, goal: timesReference(0.65) }];
}

/** The new worker dies while the old one still waits for its signal. */
export async function crashDuringDelay({ driver, programs, worker, rounds }: Rig): Promise<readonly Row[]> {
  const samples = newSamples();
  const setup = { sockets: 1, options: ['--kill-old-delay=3'], worker: [worker] };
  for (const program of interleaved(rounds, programs)) {
    await driver.start(program.side, 0, commandLine(program, setup));
    await driver.hup(program.side, SETTLE_MS);
    samples[program.side].push(await driver.crash(program.side, SETTLE_MS));
    await driver.stop(program.side, SETTLE_MS);
  }
  return [{ what: 'crash in a 3 s kill-old delay', unit: 'ms', samples, goal: { kind: 'value', atMost: 5 } }];
}
