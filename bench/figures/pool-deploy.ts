// Deploys of several workers. The floor is the same superdaemon with a single one.
import { activity } from '../proc.ts';
import { commandLine } from '../programs.ts';
import { interleaved, newSamples, type Rig, type Row } from '../rig.ts';
import { SETTLE_MS } from './hup.ts';
import { ofWorkers, oursOf, ownFiles } from './pool.ts';

const SIZES = [1, 4, 8] as const;
type Size = (typeof SIZES)[number];
const WARM_UP_ROUNDS = 3;
/** What the system takes until a call to spawn a worker returns, and what we may add to it. */
const SPAWN_MS = 0.05;

type Deploy = {
  /** HUP to the first instruction of the first and of the last worker. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** HUP to the signal of the first old worker. */
  readonly turnMs: number;
  /** Of the superdaemon's own. */
  readonly cpuMs: number;
};

export async function poolDeploy(rig: Rig): Promise<readonly Row[]> {
  const { driver, programs, worker, rounds } = rig;
  const pids = new Map<Size, number>();
  for (const size of SIZES) {
    const argv = commandLine(oursOf(programs), { sockets: 1, options: ofWorkers(size), worker: [worker] });
    pids.set(size, (await driver.start(nameOf(size), SETTLE_MS, ownFiles(argv, nameOf(size)))).pid);
  }
  const deploys: Readonly<Record<Size, Deploy[]>> = { 1: [], 4: [], 8: [] };
  for (const size of interleaved(WARM_UP_ROUNDS, SIZES)) await deploy(rig, size, pids.get(size) ?? 0);
  for (const size of interleaved(rounds, SIZES)) {
    deploys[size].push(await deploy(rig, size, pids.get(size) ?? 0));
  }
  for (const size of SIZES) await driver.stop(nameOf(size), SETTLE_MS);
  return rows(deploys);
}

function rows(deploys: Readonly<Record<Size, readonly Deploy[]>>): readonly Row[] {
  const of = (size: Size, what: keyof Deploy, part = 1) => deploys[size].map((each) => each[what] / part);
  const row = (what: string, ours: number[], floor: number[]): Row => {
    return { what, unit: 'ms', samples: { ...newSamples(), ours, floor }, floor: 'one worker' };
  };
  return [
    row('HUP to the first of 8 workers', of(8, 'firstMs'), of(1, 'firstMs')),
    row('HUP to the last of 8 workers', of(8, 'lastMs'), of(1, 'lastMs')),
    {
      ...row('our CPU time for each of 8', of(8, 'cpuMs', 8), of(1, 'cpuMs')),
      goal: { kind: 'above floor', atMost: SPAWN_MS },
    },
    row('HUP to the old ones’ signal, 4 ready at once', of(4, 'turnMs'), of(1, 'turnMs')),
  ];
}

/** Followed through until the last old one has been told to go. */
async function deploy({ driver }: Rig, size: Size, pid: number): Promise<Deploy> {
  const before = activity(pid).cpuMs;
  const starts = await driver.hupAll(nameOf(size), SETTLE_MS, size);
  const turn = await driver.retiredAll(nameOf(size), size);
  await driver.wait(SETTLE_MS);
  return { ...starts, turnMs: turn.firstMs, cpuMs: activity(pid).cpuMs - before };
}

const nameOf = (size: Size) => `pool-deploy-${size}`;
