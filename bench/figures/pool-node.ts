// The same application in Node behind ours, in a cluster of Node's own, and under pm2.
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { freePort } from '../../test/support/free-port.ts';
import { BenchError } from '../bench-error.ts';
import { hasPm2, type Pm2, startPm2 } from '../pm2.ts';
import { memory } from '../proc.ts';
import { interleaved, newSamples, type Rig, type Row } from '../rig.ts';
import { oursOf } from './pool.ts';

const file = (name: string) => fileURLToPath(new URL(`../bench/node/${name}`, import.meta.url));
const WORKERS = 4;
const CONNECTIONS = 32;
const PATIENCE_MS = 20_000;

type Side = {
  readonly name: string;
  readonly port: number;
  /** undefined: it cannot. */
  readonly deploy?: () => Promise<void>;
  readonly pid: number;
};

export async function poolNode(rig: Rig): Promise<readonly Row[]> {
  const pm2Port = await freePort();
  await using pm2 = await pm2On(pm2Port);
  const ours = await startOurs(rig, WORKERS);
  const sides: Side[] = [
    ours,
    await startOurs(rig, 'auto'),
    await startOurs(rig, 1),
    await startCluster(rig),
    ...(pm2 ? [{ name: 'pm2 -i 4', port: pm2Port, deploy: pm2.reload, pid: pm2.pids()[0] ?? 0 }] : []),
  ];
  for (const { port } of sides) await answers(port);
  const requests = new Map<string, number[]>(sides.map(({ name }) => [name, []]));
  for (const { name, port } of interleaved(rig.rounds, sides)) requests.get(name)?.push(await load(port));
  const deploys = new Map<string, number[]>(sides.map(({ name }) => [name, []]));
  for (const { name, deploy } of interleaved(rig.rounds, sides)) {
    if (deploy !== undefined && name !== 'one worker') deploys.get(name)?.push(await timed(deploy));
  }
  const rows = rowsOf({
    requests,
    deploys,
    memories: new Map(sides.map(({ name, pid }) => [name, [memory(pid).anonymous]])),
  });
  for (const { name } of sides) if (!name.startsWith('pm2')) await rig.driver.stop(nameOf(name), 0);
  return rows;
}

type Figures = Readonly<Record<'requests' | 'deploys' | 'memories', ReadonlyMap<string, readonly number[]>>>;

function rowsOf({ requests, deploys, memories }: Figures): readonly Row[] {
  const row = (
    what: string,
    unit: Row['unit'],
    values: Figures['requests'],
    [mine, floor]: [string, string],
  ): Row => {
    const samples = {
      ...newSamples(),
      ours: [...(values.get(mine) ?? [])],
      floor: [...(values.get(floor) ?? [])],
    };
    return { what, unit, samples, floor };
  };
  return [
    row('requests of Node, --workers=auto', '/s', requests, ['auto', 'one worker']),
    row('requests of Node, --workers=4', '/s', requests, ['4 workers', 'cluster']),
    row('requests of Node, --workers=4', '/s', requests, ['4 workers', 'pm2 -i 4']),
    row('a deploy of 4 Node workers, to its end', 'ms', deploys, ['4 workers', 'pm2 -i 4']),
    row('anonymous, of the superdaemon alone', 'KB', memories, ['4 workers', 'pm2 -i 4']),
  ];
}

async function startOurs({ driver, programs, directory }: Rig, workers: number | 'auto'): Promise<Side> {
  const { path } = oursOf(programs);
  const port = await freePort();
  const name = workers === 'auto' ? 'auto' : workers === 1 ? 'one worker' : `${workers} workers`;
  const files = [`--pid-file=${nameOf(name)}.pid`, `--status-file=${nameOf(name)}.status`];
  const options = [`--workers=${workers}`, '--ready=notify', `--port=127.0.0.1:${port}`, '--interval=0'];
  const argv = [path, ...options, ...files, '--', process.execPath, file('app.mjs')];
  const { pid } = await driver.hold(nameOf(name), argv);
  const deploy = async () => void (await execa(path, ['--restart', '--quiet', ...files], { cwd: directory }));
  return { name, port, deploy, pid };
}

async function startCluster({ driver }: Rig): Promise<Side> {
  const port = await freePort();
  const argv = ['env', `PORT=${port}`, process.execPath, file('cluster.mjs'), String(WORKERS)];
  return { name: 'cluster', port, pid: (await driver.hold('cluster', argv)).pid };
}

async function pm2On(port: number): Promise<Pm2 | undefined> {
  if (!hasPm2((line) => process.stderr.write(`bench: ${line}\n`))) return undefined;
  const options = ['--wait-ready', '--listen-timeout', '10000'];
  return startPm2({ script: file('app.mjs'), workers: WORKERS, env: { PORT: String(port) }, options });
}

async function timed(act: () => Promise<void>): Promise<number> {
  const before = performance.now();
  await act();
  return performance.now() - before;
}

async function load(port: number): Promise<number> {
  const words = ['-t1', `-c${CONNECTIONS}`, '-d2s', `http://127.0.0.1:${port}/`];
  const { stdout } = await execa('wrk', words, { reject: false });
  const perSecond = /^Requests\/sec: +([\d.]+)$/m.exec(stdout ?? '')?.[1];
  if (perSecond === undefined) throw new BenchError('wrk is not installed, or says nothing (Debian: wrk)');
  return Number(perSecond);
}

async function answers(port: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    if (performance.now() > deadline) throw new BenchError(`nobody answers at port ${port}`);
    await delay(20);
  }
}

const nameOf = (side: string) => (side === 'cluster' ? side : `node-${side.replaceAll(' ', '-')}`);
