// A client of a superdaemon without a control socket, such as the reference: it goes by the status file alone.

import { rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { deployBySignal } from '../../src/client/deploy-by-signal.ts';
import { timeLimit } from '../../src/client/time-limit.ts';
import { tempDir } from '../support/temp-dir.ts';

/** What the status file holds from the signal on, one after the other, at each look; undefined: there is none. */
async function deploy(states: readonly (string | undefined)[], { waitOld = true, limitMs = 10_000 } = {}) {
  using dir = tempDir();
  const statusFile = dir.join('status');
  writeFileSync(statusFile, '3:100\n');
  const left = [...states];
  const signals: string[] = [];
  let looks = 0;
  const superdaemon = {
    ...{ pid: 1, pidFileIdentity: '', wasKilled: () => false, [Symbol.dispose]: () => {} },
    signal: (name: string) => void signals.push(name),
    isGone: () => {
      if (signals.length === 0) return false;
      looks += 1;
      const state = left.length > 1 ? left.shift() : left[0];
      if (state === 'gone') return true;
      if (state === undefined) rmSync(statusFile, { force: true });
      else writeFileSync(statusFile, state);
      return false;
    },
  };
  const pidFile = dir.join('pid');
  const options = { pidFile, statusFile, waitOld, waitTimeoutMs: limitMs, quiet: true };
  await deployBySignal(superdaemon, options, timeLimit(limitMs));
  return { signals, looks };
}

it('a deploy by signal is over when a newer generation is alone', async () => {
  const states = ['3:100\n', '3:100\n4:101\n', undefined, '4:101\n'];
  expect(await deploy(states)).toEqual({ signals: ['SIGHUP'], looks: 4 });
});

it('it is not over while the generation that was there before is alone', async () => {
  await expect(deploy(['3:100\n'], { limitMs: 100 })).rejects.toThrow('timed out: generations 3 live');
});

it('it does not wait for the old generation where that is not wanted', async () => {
  const states = ['3:100\n', '3:100\n4:101\n', '4:101\n'];
  expect(await deploy(states, { waitOld: false })).toEqual({ signals: ['SIGHUP'], looks: 2 });
});

it('it fails when its superdaemon goes away', async () => {
  await expect(deploy(['3:100\n', 'gone'])).rejects.toThrow(/superdaemon 1 went away during the deploy$/);
});
