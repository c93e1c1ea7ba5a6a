// A pool as its status file tells of it.

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { publishedGenerations } from './deploy.ts';
import { eventually } from './eventually.ts';

export interface ServingPool {
  /** The newest generation that serves. */
  readonly newest: () => number;
  /** From now on there are to be so many. */
  readonly expect: (workers: number) => void;
  /** Waits until one generation serves alone, in all slots: that one, or a later one. */
  readonly serves: (atLeast: number) => Promise<number>;
  /** Waits until the worker that was dealt with is gone. */
  readonly lose: (deal: (victim: number) => Promise<void>) => Promise<void>;
}

const within = { withinMs: 60_000 };

export function servingPool(statusFile: string, atFirst: number): ServingPool {
  let wanted = atFirst;
  const newest = () => Math.max(0, ...publishedGenerations(statusFile));
  return {
    newest,
    expect: (workers) => {
      wanted = workers;
    },
    serves: (atLeast) =>
      eventually(() => {
        const serving = newest();
        expect(serving).toBeGreaterThanOrEqual(atLeast);
        expect(publishedGenerations(statusFile)).toEqual(Array(wanted).fill(serving));
        return serving;
      }, within),
    lose: async (deal) => {
      const [victim = 0] = pidsIn(statusFile);
      await deal(victim);
      await eventually(() => expect(pidsIn(statusFile)).not.toContain(victim), within);
    },
  };
}

function pidsIn(statusFile: string): number[] {
  return [...readFileSync(statusFile, 'utf8').matchAll(/:(\d+)$/gm)].map(([, pid]) => Number(pid));
}
