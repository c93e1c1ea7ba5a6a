// A pool of four under constant load, to which everything happens that may: twenty deploys, and between them deaths,
// scalings, a broken release, upgrades, and the death of the superdaemon.

import { rmSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { freePort } from './free-port.ts';
import { killHolding } from './held-connections.ts';
import { type MixedLoad, startMixedLoad } from './mixed-load.ts';
import type { Target } from './request.ts';
import { type Revived, startRevived } from './revived.ts';
import { expectRightAnswers } from './right-answers.ts';
import { run } from './run.ts';
import { type ServingPool, servingPool } from './serving-pool.ts';
import { type TempDir, tempDir } from './temp-dir.ts';

export interface Pool {
  readonly command: readonly string[];
  readonly over: readonly ('TCP' | 'Unix')[];
  /** Of connections that are kept alive, too. */
  readonly keepAlive?: boolean;
  /** It tells when it is ready. */
  readonly tells?: boolean;
}

const DEPLOYS = 20;
const WORKERS = 4;

/** Nothing is lost but what a worker held that was killed. */
export async function losesNothing({ command, over, keepAlive, tells }: Pool): Promise<void> {
  using dir = tempDir();
  const [port, path] = [await freePort(), dir.join('sock')];
  const listener = { TCP: `--port=127.0.0.1:${port}`, Unix: `--path=${path}` };
  const target: Record<'TCP' | 'Unix', Target> = { TCP: { port }, Unix: { path } };
  const targets = over.map((each) => target[each]);
  const ready = tells ? '--ready=notify' : '--interval=1';
  const options = [...over.map((each) => listener[each]), ready, `--workers=${WORKERS}`, '--start-at-once=4'];
  const args = [...options, ...filesIn(dir), '--backoff=1', '--', ...breakable(dir, command)];
  await using revived = startRevived(args, { recorded: true });
  const trial = trialOf(revived, dir, targets);

  await trial.pool.serves(1);
  await using load = startMixedLoad(targets, { keepAlive: keepAlive ?? false });
  await load.answeredBy(1);
  const last = await deployAgainAndAgain(trial, load);

  const { requests, losses } = await load.stop();
  const held = trial.held();
  process.stdout.write(`${requests} requests, ${last} generations, ${losses.length} of ${held} held lost\n`);
  expect(losses.filter((loss) => !/reset|hang up|EPIPE/i.test(loss))).toEqual([]);
  expect(losses.length, losses.join('\n')).toBeLessThanOrEqual(held);
  expect(requests).toBeGreaterThan(100);
  await trial.client('--stop');
  expect(revived.processes()).toEqual([]);
  expectRightAnswers(revived, [load]);
}

const filesIn = (dir: TempDir) => [`--pid-file=${dir.join('pid')}`, `--status-file=${dir.join('status')}`];

/** A worker does not start while the file of its slot is there. */
const breakable = (dir: TempDir, command: readonly string[]) => [
  ...['sh', '-c', 'test ! -e "$0-$SERVER_STARTER_WORKER" || exit 3; exec "$@"', dir.join('broken')],
  ...command,
];

interface Trial {
  readonly pool: ServingPool;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly client: (...words: string[]) => Promise<void>;
  readonly scale: (to: number) => Promise<void>;
  /** One worker, by SIGKILL. */
  readonly kill: () => Promise<void>;
  /** What those had in their hands. */
  readonly held: () => number;
  /** One worker, unasked; it answers first what it has in its hands. */
  readonly die: () => Promise<void>;
  /** A release that fails in one slot. */
  readonly breakOne: () => Promise<void>;
  /** By SIGKILL, in the midst of a deploy; its command is given again. */
  readonly killSuperdaemon: () => Promise<void>;
}

/** Each deploy is over when its generation has answered: on a busy machine one that does not tell may not listen before. */
async function deployAgainAndAgain(trial: Trial, load: MixedLoad): Promise<number> {
  const serves = async (atLeast: number) => {
    const serving = await trial.pool.serves(atLeast);
    await load.answeredBy(serving);
    return serving;
  };
  for (let deploys = 1; deploys <= DEPLOYS; deploys += 1) {
    const before = trial.pool.newest();
    trial.signal('SIGHUP');
    await serves(before + 1);
    await BETWEEN[deploys]?.(trial);
  }
  return serves(DEPLOYS);
}

/** After so many deploys. */
const BETWEEN: Readonly<Record<number, (trial: Trial) => Promise<void>>> = {
  2: ({ kill }) => kill(),
  4: ({ die }) => die(),
  6: ({ breakOne }) => breakOne(),
  8: ({ scale }) => scale(6),
  9: ({ scale }) => scale(3),
  10: ({ scale }) => scale(4),
  12: async ({ signal, kill, scale }) => {
    signal('SIGHUP');
    await kill();
    signal('SIGUSR2');
    await scale(5);
    await scale(4);
  },
  14: ({ killSuperdaemon }) => killSuperdaemon(),
  16: ({ client }) => client('--upgrade'),
  17: ({ kill }) => kill(),
};

function trialOf(revived: Revived, dir: TempDir, targets: readonly Target[]): Trial {
  const { superdaemon } = revived;
  const pool = servingPool(dir.join('status'), WORKERS);
  const signal = (name: NodeJS.Signals) => superdaemon().signal(name);
  const client = async (...words: string[]) => {
    const { code, stderr } = await run([...words, '--quiet', `--pid-file=${dir.join('pid')}`], {
      withinMs: 60_000,
    });
    expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
  };
  let held = 0;
  return {
    pool,
    signal,
    client,
    scale: async (to) => {
      await client(`--scale=${to}`);
      pool.expect(to);
    },
    kill: () =>
      pool.lose(async (victim) => {
        held += await killHolding(victim, targets);
      }),
    held: () => held,
    die: () => pool.lose(async (victim) => void process.kill(victim, 'SIGTERM')),
    breakOne: async () => {
      writeFileSync(dir.join('broken-2'), '');
      signal('SIGHUP');
      const line = `giving up after 3 attempts of worker 2, generation ${pool.newest()} keeps serving`;
      await superdaemon().waitForLine(line);
      rmSync(dir.join('broken-2'));
    },
    killSuperdaemon: async () => {
      const after = superdaemon().log().length;
      signal('SIGHUP');
      await superdaemon().waitForLine('received HUP', { after });
      const before = pool.newest();
      await revived.kill();
      // A HUP that comes before it listens would end it.
      await pool.serves(before + 1);
    },
  };
}
