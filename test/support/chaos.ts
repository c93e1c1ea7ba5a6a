// A driver that does to a superdaemon and its workers whatever may happen to them, from a seed.

import { rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { pick, randomNumbers, repeated, shuffled } from './random.ts';
import { rounds } from './rounds.ts';
import type { Superdaemon } from './superdaemon.ts';
import { continueAll, killWorker, liveWorkers, stopWorker } from './worker-tree.ts';

export const chaosSeed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));

export interface ChaosOptions {
  readonly superdaemon: Superdaemon;
  /** While this file is there, new workers exit with 1 at once: see `failingWhile`. */
  readonly flag: string;
  /** Whether workers are ended by SIGKILL, too. */
  readonly kills: boolean;
  /** Set where workers have to say that they are ready, and a check has a say. */
  readonly readiness?: Readiness;
  /** Set where there are several workers in a generation. */
  readonly pool?: PoolOptions;
}

export interface PoolOptions {
  /** At the start, and at the end again. */
  readonly workers: number;
  /** While this file is there, new workers of the first slot exit with 1 at once. */
  readonly slotFlag: string;
}

export interface Readiness {
  /** While this file is there, new workers do not say that they are ready. */
  readonly late: string;
  /** While this file is there, the check refuses. */
  readonly refused: string;
  /** Runs `--restart` to its end, whatever that is, or until it is killed after this time. */
  readonly client: (killAfterMs: number | undefined) => Promise<void>;
}

/** Puts a worker's command behind a check of the flag file, which all heed, and of that of its slot: `FLAG-SLOT`. */
export const failingWhile = (flag: string, command: readonly string[]): string[] => [
  'sh',
  '-c',
  'test ! -e "$0" || exit 1; test ! -e "$0-$SERVER_STARTER_WORKER" || exit 1; exec "$@"',
  flag,
  ...command,
];

/** Does everything several times, in a random order with random rests; how many workers it has killed. */
export async function chaos({ superdaemon, flag, kills, readiness, pool }: ChaosOptions): Promise<number> {
  const random = randomNumbers(chaosSeed);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const rest = (limitMs: number): Promise<void> => delay(upTo(limitMs));
  const someWorker = (): number | undefined => pick(liveWorkers(superdaemon), random);
  let killed = 0;

  const kill = async (pid: number | undefined): Promise<void> => {
    if (pid !== undefined && (await killWorker(superdaemon, pid))) killed += 1;
  };
  const actions = {
    hup: async () => superdaemon.signal('SIGHUP'),
    burst: async () => {
      for (let count = 0; count < 50; count += 1) {
        superdaemon.signal('SIGHUP');
        if (random() < 0.2) await rest(10);
      }
    },
    drum: async () => {
      for (let count = 0; count < 12; count += 1) {
        superdaemon.signal('SIGHUP');
        await delay(100);
      }
    },
    pause: async () => {
      const pid = someWorker();
      const stopped = pid === undefined ? [] : await stopWorker(superdaemon, pid);
      await rest(300);
      continueAll(stopped);
    },
    'late release': async () => {
      const after = superdaemon.log().length;
      await during(readiness?.late, async () => {
        superdaemon.signal('SIGHUP');
        await superdaemon.waitForLine(/^new worker \d+ is not ready after /, { after });
      });
    },
    'refused release': async () => {
      const after = superdaemon.log().length;
      await during(readiness?.refused, async () => {
        superdaemon.signal('SIGHUP');
        await superdaemon.waitForLine(/^check exited with status 1: deploy refused, /, { after });
      });
    },
    client: async () => readiness?.client(undefined),
    'killed client': async () => readiness?.client(upTo(800)),
    upgrade: async () => superdaemon.signal('SIGUSR2'),
    'bad release': async () => {
      const after = superdaemon.log().length;
      writeFileSync(flag, '');
      superdaemon.signal('SIGHUP');
      if (kills && random() < 0.5) await kill(liveWorkers(superdaemon)[0]);
      await superdaemon.waitForLine(/^new worker \d+ seems to have failed to start, exit status:256$/, {
        after,
      });
      rmSync(flag);
    },
    'bad slot': async () => {
      if (pool === undefined) return;
      const after = superdaemon.log().length;
      await during(pool.slotFlag, async () => {
        superdaemon.signal('SIGHUP');
        await superdaemon.waitForLine(/^new worker \d+ seems to have failed to start, /, { after });
        await rest(2_000);
      });
    },
    'one more': async () => superdaemon.signal('SIGTTIN'),
    'one less': async () => superdaemon.signal('SIGTTOU'),
    'kill newest': async () => kill(liveWorkers(superdaemon).at(-1)),
    'kill oldest': async () => {
      superdaemon.signal('SIGHUP');
      await rest(1_500);
      await kill(liveWorkers(superdaemon)[0]);
    },
    'kill any': async () => kill(someWorker()),
  };
  const always = [
    ...often('hup', 4),
    ...often('burst', 3),
    ...often('drum', 3),
    ...often('pause', 8),
    ...often('upgrade', 6),
  ];
  const failures = often('bad release', 2);
  const told =
    readiness === undefined
      ? []
      : [...often('late release', 2), ...often('client', 2), ...often('killed client', 2)];
  // While nobody serves, no check is asked.
  const checked = readiness === undefined || kills ? [] : often('refused release', 2);
  const deaths = (['kill newest', 'kill oldest', 'kill any'] as const).flatMap((name) => often(name, 2));
  const scaled = [...often('bad slot', 3), ...often('one more', 4), ...often('one less', 4)];
  const sized = pool === undefined ? [] : scaled;
  const plan = [...always, ...failures, ...told, ...checked, ...sized, ...(kills ? deaths : [])];
  for (const name of shuffled(plan, random)) {
    await actions[name]();
    await rest(400);
  }
  return killed;
}

const often = <const T>(name: T, all: number): T[] => repeated(name, rounds(all));

async function during(file: string | undefined, act: () => Promise<void>): Promise<void> {
  if (file === undefined) return;
  writeFileSync(file, '');
  try {
    await act();
  } finally {
    rmSync(file);
  }
}
