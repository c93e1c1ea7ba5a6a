// Cost that grows: the same deploy with more and more sockets, variables, files of an envdir, deploys before it, and output
// of the worker through the log command. Growth is to be linear, with a small constant.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { activity } from '../proc.ts';
import { commandLine, type Program, type Setup } from '../programs.ts';
import { interleaved, newSamples, type Rig, type Row, type Samples } from '../rig.ts';
import { deploy, SETTLE_MS } from './hup.ts';

const WARM_UP_ROUNDS = 3;

type Plan = {
  readonly what: string;
  readonly setup: Partial<Setup>;
  /** Words before the program's. */
  readonly prefix?: readonly string[];
};

export async function sweep(rig: Rig): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const count of [1, 10, 100, 1000]) {
    const setup = { sockets: count };
    rows.push(await latency(rig, { what: `HUP, sockets: ${count}`, setup }));
  }
  for (const count of [10, 100, 1000]) {
    const prefix = ['env', ...variables(count).map(([name, value]) => `${name}=${value}`)];
    rows.push(await latency(rig, { what: `HUP, variables more: ${count}`, setup: {}, prefix }));
  }
  for (const count of [10, 100, 1000]) {
    const setup = { options: [`--envdir=${envdir(rig, count)}`] };
    rows.push(await latency(rig, { what: `HUP, envdir files: ${count}`, setup }));
  }
  rows.push(...(await generations(rig)));
  for (const megabytes of [1, 10, 100]) rows.push(await logged(rig, megabytes));
  return rows;
}

async function latency(rig: Rig, plan: Plan): Promise<Row> {
  const samples = newSamples();
  await started(rig, plan, async () => {
    for (const program of interleaved(WARM_UP_ROUNDS, rig.programs)) await deploy(rig, program);
    await sample(rig, samples);
  });
  return { what: plan.what, unit: 'ms', samples };
}

async function generations(rig: Rig): Promise<readonly Row[]> {
  const rows: Row[] = [];
  await started(rig, { what: 'generations', setup: {} }, async () => {
    let made = 1;
    for (const count of [10, 100, 500]) {
      for (; made < count; made += 1) for (const program of rig.programs) await deploy(rig, program);
      const samples = newSamples();
      await sample(rig, samples);
      made += rig.rounds;
      rows.push({ what: `HUP, generations before: ${count}`, unit: 'ms', samples });
    }
  });
  return rows;
}

/** CPU time of the superdaemon alone, in a deploy whose worker writes that much before it does anything else. */
async function logged(rig: Rig, megabytes: number): Promise<Row> {
  const samples = newSamples();
  const write = `head -c ${megabytes}000000 /dev/zero | tr '\\0' '\\n'; exec "$0"`;
  const setup = { options: ['--log-file=| cat >/dev/null'], worker: ['sh', '-c', write, rig.worker] };
  await started(rig, { what: 'logged', setup }, async (pids) => {
    for (const program of interleaved(WARM_UP_ROUNDS, rig.programs)) {
      const pid = pids.get(program) ?? 0;
      const before = activity(pid).cpuMs;
      await deploy(rig, program);
      samples[program.side].push(activity(pid).cpuMs - before);
    }
  });
  return { what: `CPU of a deploy that logs ${megabytes} MB`, unit: 'ms', samples };
}

async function sample(rig: Rig, samples: Samples): Promise<void> {
  for (const program of interleaved(rig.rounds, rig.programs)) {
    samples[program.side].push(await deploy(rig, program));
  }
}

async function started(
  rig: Rig,
  { setup, prefix = [] }: Plan,
  act: (pids: ReadonlyMap<Program, number>) => Promise<void>,
): Promise<void> {
  const pids = new Map<Program, number>();
  for (const program of rig.programs) {
    const argv = [...prefix, ...commandLine(program, { sockets: 1, worker: [rig.worker], ...setup })];
    pids.set(program, (await rig.driver.start(program.side, SETTLE_MS, argv)).pid);
  }
  await act(pids);
  for (const { side } of rig.programs) await rig.driver.stop(side, SETTLE_MS);
}

function envdir({ directory }: Rig, count: number): string {
  const path = join(directory, 'sweep');
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  for (const [name, value] of variables(count)) writeFileSync(join(path, name), `${value}\n`);
  return path;
}

function variables(count: number): readonly (readonly [name: string, value: string])[] {
  return Array.from({ length: count }, (_, index) => [
    `SWEEP_${index}`,
    `a value of ordinary length, ${index}`,
  ]);
}
