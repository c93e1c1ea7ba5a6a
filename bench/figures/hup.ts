// HUP to the first instruction of the new worker, on a superdaemon that has been deployed before.
import { commandLine, type Program } from '../programs.ts';
import { interleaved, newSamples, type Rig, type Row, timesReference } from '../rig.ts';

export const SETTLE_MS = 25;
const WARM_UP_ROUNDS = 3;

export async function hup(rig: Rig, { sockets }: { readonly sockets: number }): Promise<readonly Row[]> {
  const { driver, programs, worker } = rig;
  const samples = newSamples();
  for (const program of programs) {
    await driver.start(program.side, SETTLE_MS, commandLine(program, { sockets, worker: [worker] }));
  }
  for (const program of interleaved(WARM_UP_ROUNDS, programs)) await deploy(rig, program);
  for (const program of interleaved(rig.rounds, [...programs, 'bare'])) {
    if (program === 'bare') samples.floor.push(await bareStart(rig));
    else samples[program.side].push(await deploy(rig, program));
  }
  for (const program of programs) await driver.stop(program.side, SETTLE_MS);
  return [
    {
      what: `HUP to new worker, ${plural(sockets)}`,
      unit: 'ms',
      samples,
      floor: 'fork+exec',
      goal: timesReference(0.65),
    },
  ];
}

/** One deploy, followed through until the old worker is reaped. */
export async function deploy({ driver }: Rig, { side }: Program): Promise<number> {
  const ms = await driver.hup(side, SETTLE_MS);
  await driver.retired(side);
  return ms;
}

async function bareStart({ driver, worker }: Rig): Promise<number> {
  const { ms } = await driver.start('bare', SETTLE_MS, [worker]);
  await driver.stop('bare', 0);
  return ms;
}

export function plural(sockets: number): string {
  return sockets === 1 ? '1 socket' : `${sockets} sockets`;
}
