// Side by side: our program and the reference, the same acts in the same run, in interleaved rounds.
import { constants } from 'node:os';
import { inspect } from 'node:util';
import { BenchError } from './bench-error.ts';
import { startDriver } from './driver.ts';
import { besidePm2 } from './figures/beside-pm2.ts';
import { crash, crashDuringDelay } from './figures/crash.ts';
import { growth } from './figures/growth.ts';
import { hup } from './figures/hup.ts';
import { idle, idleWithEveryFeature } from './figures/idle.ts';
import { load } from './figures/load.ts';
import { poolAtRest, poolLoad } from './figures/pool.ts';
import { poolDeploy } from './figures/pool-deploy.ts';
import { poolNode } from './figures/pool-node.ts';
import { preload } from './figures/preload.ts';
import { ready } from './figures/ready.ts';
import { start } from './figures/start.ts';
import { startPackage } from './figures/start-package.ts';
import { sweep } from './figures/sweep.ts';
import { chosen, type Options, parseOptions, usage } from './options.ts';
import { findPrograms, type Program } from './programs.ts';
import { asJson, asTable } from './report.ts';
import { type Figure, type Row, timesReference } from './rig.ts';
import { makeWorkshop } from './workshop.ts';

const figures: readonly Figure[] = [
  { name: 'hup', rounds: 100, measure: (rig) => hup(rig, { sockets: 1 }) },
  { name: 'hup-500', rounds: 60, measure: (rig) => hup(rig, { sockets: 500 }) },
  { name: 'ready', rounds: 8, measure: ready },
  { name: 'crash', rounds: 40, measure: crash },
  { name: 'crash-delay', rounds: 3, measure: crashDuringDelay },
  {
    name: 'start',
    rounds: 30,
    measure: (rig) => start(rig, { sockets: 1, goal: { kind: 'above floor', atMost: 20 } }),
  },
  {
    name: 'start-500',
    rounds: 20,
    measure: (rig) => start(rig, { sockets: 500, goal: timesReference(1.6) }),
  },
  { name: 'start-package', rounds: 30, measure: startPackage },
  { name: 'preload', rounds: 40, measure: preload },
  { name: 'idle', rounds: 1, measure: idle },
  { name: 'idle-features', rounds: 1, measure: idleWithEveryFeature },
  { name: 'sweep', rounds: 15, measure: sweep },
  { name: 'growth', rounds: 1, measure: growth },
  { name: 'load', rounds: 6, measure: load },
  { name: 'pool', rounds: 1, measure: poolAtRest },
  { name: 'pool-deploy', rounds: 40, measure: poolDeploy },
  { name: 'pool-node', rounds: 5, measure: poolNode },
  { name: 'pool-load', rounds: 6, measure: poolLoad },
  { name: 'pm2', rounds: 6, measure: (rig) => besidePm2(rig, note) },
];

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return print(usage(figures));
  if (process.platform !== 'linux') throw new BenchError('the benchmark reads /proc and needs Linux');
  const wanted = chosen(figures, options.only);
  const programs = findPrograms(note);
  const rows = await measure(wanted, programs, options);
  print(options.json ? asJson(rows, programs) : asTable(rows));
}

async function measure(
  wanted: readonly Figure[],
  programs: readonly Program[],
  { rounds, deploys }: Options,
): Promise<readonly Row[]> {
  const interruption = interruptionBySignal();
  using workshop = await makeWorkshop(interruption);
  const { worker, directory } = workshop;
  const rows: Row[] = [];
  for (const figure of wanted) {
    note(`measuring ${figure.name}`);
    await using driver = startDriver(workshop, interruption);
    const rig = { driver, programs, worker, directory, deploys, rounds: rounds ?? figure.rounds };
    try {
      rows.push(...(await figure.measure(rig)));
    } catch (error) {
      if (interruption.aborted || !(error instanceof BenchError)) throw error;
      // One figure that cannot be measured does not cost the others.
      note(`${figure.name} was not measured: ${error.message}`);
      process.exitCode = 1;
    }
  }
  return rows;
}

/** The compiler or the figure at work is given up, and everything is put away on the way out. */
function interruptionBySignal(): AbortSignal {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Not `once`: execa looks whether anybody still listens, and ends the process when nobody does.
    process.on(signal, () => {
      process.exitCode = 128 + constants.signals[signal];
      interruption.abort(new BenchError('interrupted'));
    });
  }
  return interruption.signal;
}

function note(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

main().catch((error: unknown) => {
  note(error instanceof BenchError ? error.message : inspect(error));
  process.exitCode ??= 1;
});
