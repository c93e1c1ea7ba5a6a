// Wake-ups, CPU time and memory of superdaemons that have nothing to do, all watched at the same time.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { activity, type Memory, memory } from '../proc.ts';
import { commandLine } from '../programs.ts';
import { type Goal, newSamples, type Rig, type Row, type Side, timesReference, type Unit } from '../rig.ts';

// A runtime's own house-keeping after its start is no part of being idle.
const SETTLE_MS = 10_000;
const WATCH_MS = 12_000;

const BARE_NODE = ['node', '-e', 'setInterval(() => {}, 2 ** 31 - 1)'];
const EVERY_FEATURE = [
  '--envdir=env',
  '--enable-auto-restart',
  '--auto-restart-interval=86400',
  '--kill-old-delay=5',
  '--log-file=messages',
];

type Resident = { readonly side: Side; readonly pid: number };
type Reading = Memory & { readonly side: Side; readonly wakeUps: number; readonly cpuMs: number };
type Quantity = { readonly what: string; readonly unit: Unit; readonly goal?: Goal };

export async function idle(rig: Rig): Promise<readonly Row[]> {
  return measure(rig, []);
}

export async function idleWithEveryFeature(rig: Rig): Promise<readonly Row[]> {
  mkdirSync(join(rig.directory, 'env'), { recursive: true });
  writeFileSync(join(rig.directory, 'env', 'GREETING'), 'hello\n');
  const rows = await measure(rig, EVERY_FEATURE);
  return rows.map((row) => ({ ...row, what: `${row.what}, every feature` }));
}

async function measure(rig: Rig, options: readonly string[]): Promise<readonly Row[]> {
  const residents = await moveIn(rig, options);
  await rig.driver.wait(SETTLE_MS);
  const readings = await watch(rig, residents);
  for (const { side } of residents) await rig.driver.stop(side, 0);
  const row = (quantity: Quantity, take: (reading: Reading) => number): Row => {
    const samples = newSamples();
    for (const reading of readings) samples[reading.side].push(take(reading));
    return { ...quantity, samples, floor: 'bare node' };
  };
  const none: Goal = { kind: 'value', atMost: 0 };
  return [
    row({ what: 'idle wake-ups', unit: '/min', goal: none }, ({ wakeUps }) => wakeUps),
    row({ what: 'idle CPU time', unit: 'ms/min', goal: none }, ({ cpuMs }) => cpuMs),
    row({ what: 'idle anonymous', unit: 'KB', goal: timesReference(0.95) }, ({ anonymous }) => anonymous),
    row({ what: 'idle PSS', unit: 'KB' }, ({ pss }) => pss),
    row({ what: 'idle RSS', unit: 'KB' }, ({ rss }) => rss),
  ];
}

async function moveIn(
  { driver, programs, worker }: Rig,
  options: readonly string[],
): Promise<readonly Resident[]> {
  const residents: Resident[] = [];
  for (const program of programs) {
    const argv = commandLine(program, { sockets: 1, options, worker: [worker] });
    residents.push({ side: program.side, pid: (await driver.start(program.side, 0, argv)).pid });
  }
  return [...residents, { side: 'floor', pid: (await driver.hold('floor', BARE_NODE)).pid }];
}

async function watch({ driver }: Rig, residents: readonly Resident[]): Promise<readonly Reading[]> {
  const before = residents.map((resident) => ({ ...resident, ...activity(resident.pid) }));
  await driver.wait(WATCH_MS);
  const perMinute = 60_000 / WATCH_MS;
  return before.map(({ side, pid, switches, cpuMs }) => {
    const after = activity(pid);
    return {
      side,
      ...memory(pid),
      wakeUps: (after.switches - switches) * perMinute,
      cpuMs: (after.cpuMs - cpuMs) * perMinute,
    };
  });
}
