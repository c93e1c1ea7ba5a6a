// Three deploys under load: starts the superdaemon, keeps requests coming, sends SIGHUP three times, and shows
// what the clients noticed. Exits with 1 if a single request went unanswered.
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../test/support/free-port.ts';
import { type Load, startLoad } from '../../test/support/load.ts';
import { attemptRequest } from '../../test/support/request.ts';
import type { LoadReport } from '../../test/support/tally.ts';
import { type Superdaemon, startSuperdaemon } from './superdaemon.ts';
import { deployLine, introduction, type Painter, painter, summary } from './view.ts';

const deploys = 3;
const clients = 8;
/** How many requests a generation answers before the next deploy: enough to be seen in the picture. */
const share = 500;

process.exitCode = await main();

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => stop.abort(`stopped by ${name}`));
  }
  const timeLimit = setTimeout(() => stop.abort('stopped: this takes too long'), 30_000).unref();
  try {
    const { counts } = await demonstrate(stop, painter(process.stdout));
    return counts.ok === counts.requests ? 0 : 1;
  } catch (error) {
    console.error(`demo: ${error instanceof Error ? error.message : error}`);
    return 1;
  } finally {
    clearTimeout(timeLimit);
  }
}

async function demonstrate(stop: AbortController, paint: Painter): Promise<LoadReport> {
  const port = await freePort();
  await using superdaemon = startSuperdaemon(port, (log) => stop.abort(`start-server ended: ${log}`));
  await until(async () => (await attemptRequest({ port }, 1_000)).outcome === 'ok', stop.signal);
  await using load = startLoad({ target: { port }, clients, pauseMs: 2 });
  console.log(introduction({ pid: superdaemon.pid, port, clients }, paint));

  await until(() => servesAlone(1, superdaemon, load), stop.signal);
  for (let generation = 2; generation <= deploys + 1; generation += 1) {
    const times = await deploy(generation, { superdaemon, load, signal: stop.signal });
    console.log(deployLine({ generation, ...times }, paint));
  }
  const report = await load.stop();
  console.log(summary(report, paint));
  return report;
}

interface Demo {
  readonly superdaemon: Superdaemon;
  readonly load: Load;
  readonly signal: AbortSignal;
}

/** How long after HUP the new generation answered first, and how long until it was the only one left. */
async function deploy(generation: number, { superdaemon, load, signal }: Demo) {
  const hupMs = performance.now();
  superdaemon.deploy();
  await until(() => load.generations().has(generation), signal);
  const answersAfterMs = performance.now() - hupMs;
  await until(() => isAlone(generation, superdaemon), signal);
  const aloneAfterMs = performance.now() - hupMs;
  await until(() => servesAlone(generation, superdaemon, load), signal);
  return { answersAfterMs, aloneAfterMs };
}

function isAlone(generation: number, superdaemon: Superdaemon): boolean {
  return String([...superdaemon.published().keys()]) === String(generation);
}

function servesAlone(generation: number, superdaemon: Superdaemon, load: Load): boolean {
  return isAlone(generation, superdaemon) && (load.generations().get(generation)?.requests ?? 0) >= share;
}

async function until(observe: () => boolean | Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await observe())) {
    signal.throwIfAborted();
    await delay(5);
  }
}
