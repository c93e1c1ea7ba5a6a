// What several workers cost, and what they bring. The floor is the same superdaemon with a single one.
import { join } from 'node:path';
import { activity, memory } from '../proc.ts';
import { commandLine, type Program } from '../programs.ts';
import { interleaved, newSamples, type Rig, type Row } from '../rig.ts';
import { SETTLE_MS } from './hup.ts';

// V8 gives back what a start has left in its heap when it looks next: of one worker after 8 seconds, of 64 within a minute.
const SETTLE_REST_MS = 75_000;
const WATCH_MS = 10_000;
const ROUND_MS = 700;
/** The floor's place comes first. */
const SIZES = [1, 8, 64] as const;

export const ofWorkers = (workers: number | 'auto') => [
  `--workers=${workers}`,
  '--ready=notify',
  '--start-at-once=64',
];

/** Our memory and wake-ups with 8 and 64 workers, beside those with one. */
export async function poolAtRest({ driver, programs, worker }: Rig): Promise<readonly Row[]> {
  const ours = oursOf(programs);
  const pids: number[] = [];
  for (const size of SIZES) {
    const argv = commandLine(ours, { sockets: 1, options: ofWorkers(size), worker: [worker] });
    pids.push((await driver.start(`pool-${size}`, 0, ownFiles(argv, `pool-${size}`))).pid);
  }
  await driver.wait(SETTLE_REST_MS);
  const before = pids.map(activity);
  await driver.wait(WATCH_MS);
  const readings = pids.map((pid, index) => ({
    anonymous: memory(pid).anonymous,
    wakeUps: ((activity(pid).switches - (before[index]?.switches ?? 0)) * 60_000) / WATCH_MS,
  }));
  for (const size of SIZES) await driver.stop(`pool-${size}`, 0);
  const [one, ...several] = readings;
  return several.flatMap(({ anonymous, wakeUps }, index): Row[] => {
    const workers = `with ${SIZES[index + 1]} workers`;
    const row = (mine: number, floor: number | undefined) => ({
      samples: { ...newSamples(), ours: [mine], floor: floor === undefined ? [] : [floor] },
      floor: 'one worker',
    });
    return [
      {
        what: `anonymous ${workers}`,
        unit: 'KB',
        ...row(anonymous, one?.anonymous),
        goal: { kind: 'above floor', atMost: 300 },
      },
      {
        what: `wake-ups ${workers}`,
        unit: '/min',
        ...row(wakeUps, one?.wakeUps),
        goal: { kind: 'value', atMost: 0 },
      },
    ];
  });
}

/** Requests per second with a worker for each processor, beside those with one. */
export async function poolLoad({
  driver,
  programs,
  worker,
  directory,
  rounds,
}: Rig): Promise<readonly Row[]> {
  const ours = oursOf(programs);
  const samples = newSamples();
  const sides = { ours: 'auto', floor: 1 } as const;
  const path = (side: string) => join(directory, `pool-load-${side}.sock`);
  for (const side of ['ours', 'floor'] as const) {
    const options = [...ofWorkers(sides[side]), `--path=${path(side)}`];
    const argv = commandLine(ours, { sockets: 0, options, worker: [worker, 'serve'] });
    await driver.start(`load-${side}`, SETTLE_MS, ownFiles(argv, `load-${side}`));
  }
  for (const side of interleaved(rounds, ['ours', 'floor'] as const)) {
    samples[side].push(((await driver.load(`load-${side}`, path(side), ROUND_MS)) * 1000) / ROUND_MS);
  }
  for (const side of ['ours', 'floor']) await driver.stop(`load-${side}`, SETTLE_MS);
  return [{ what: 'requests with --workers=auto', unit: '/s', samples, floor: 'one worker' }];
}

export function oursOf(programs: readonly Program[]): Program {
  return programs.find(({ side }) => side === 'ours') ?? { side: 'ours', path: '' };
}

/** Several of ours at a time: each has files of its own. */
export function ownFiles(argv: readonly string[], name: string): readonly string[] {
  return argv.map((word) => word.replace(/=ours\.(pid|status)$/, `=${name}.$1`));
}
