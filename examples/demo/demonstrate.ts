import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../test/support/free-port.ts';
import { type Load, startLoad } from '../../test/support/load.ts';
import { attemptRequest } from '../../test/support/request.ts';
import type { LoadReport } from '../../test/support/tally.ts';
import { type Superdaemon, startSuperdaemon } from './superdaemon.ts';

const deploys = 3;
const clients = 8;
/** How many requests a generation answers before the next deploy: enough to be seen in the picture. */
const share = 500;

export interface Deploy {
  readonly generation: number;
  /** On the clock of performance.now(). */
  readonly hupMs: number;
  /** How long after HUP the new generation answered first, and how long until it was the only one left. */
  readonly answersAfterMs: number;
  readonly aloneAfterMs: number;
}

export interface Spectator {
  readonly started: (service: { pid: number; port: number; clients: number }) => void;
  readonly deployed: (deploy: Deploy) => void;
}

/** Three deploys under load: what became of the requests. `stop` ends it early. */
export async function demonstrate(stop: AbortController, spectator: Spectator): Promise<LoadReport> {
  const port = await freePort();
  await using superdaemon = startSuperdaemon(port, (log) => stop.abort(`start-server ended: ${log}`));
  await until(async () => (await attemptRequest({ port }, 1_000)).outcome === 'ok', stop.signal);
  await using load = startLoad({ target: { port }, clients, pauseMs: 2 });
  spectator.started({ pid: superdaemon.pid, port, clients });

  await until(() => servesAlone(1, superdaemon, load), stop.signal);
  for (let generation = 2; generation <= deploys + 1; generation += 1) {
    spectator.deployed(await deploy(generation, { superdaemon, load, signal: stop.signal }));
  }
  return load.stop();
}

interface Demo {
  readonly superdaemon: Superdaemon;
  readonly load: Load;
  readonly signal: AbortSignal;
}

async function deploy(generation: number, { superdaemon, load, signal }: Demo): Promise<Deploy> {
  const hupMs = performance.now();
  superdaemon.deploy();
  await until(() => load.generations().has(generation), signal);
  const answersAfterMs = performance.now() - hupMs;
  await until(() => isAlone(generation, superdaemon), signal);
  const aloneAfterMs = performance.now() - hupMs;
  await until(() => servesAlone(generation, superdaemon, load), signal);
  return { generation, hupMs, answersAfterMs, aloneAfterMs };
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
