// What becomes of the service when a call of the C library or of node:fs fails, or the superdaemon is killed as it makes one: those
// that something was found with. All of them, for hours: npm run faults.

import { describe, expect, it } from 'vitest';
import type { Fault } from '../faults/fault.ts';
import { live, type Seen } from '../faults/life.ts';
import { settings } from '../faults/settings.ts';
import { firstOfEach, sweep, usualLife } from '../faults/sweep.ts';
import { liveThrough } from '../faults/troubled-life.ts';
import { skipsFixes } from '../support/ours.ts';
import { isPackage } from '../support/program.ts';

const isSweep = process.env.FAULTS === 'all';
const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);

/** By the setting of the life, the beginning of the call's text, and how it fails. */
const SAMPLE: readonly (readonly [setting: string, call: string, way: string])[] = [
  ['one', 'fstatSync < emptied', 'EIO'],
  ['one', 'socket < isFree', 'ENFILE'],
  ['one', 'writeFileSync < replaceAndOpen < write < publish', 'KILL'],
  ['one', 'close < closeQuietly < unlock < write', 'EINTR'],
  ['one', 'close < closeQuietly < unlock < releaseAll', 'EIO'],
  ['one', 'statSync < readable', 'EACCES'],
  ['one', 'listen < bindUnix', 'EOPNOTSUPP'],
  ['one', 'poll < unreachable', 'EINTR'],
  ['one', 'lstatSync < identityAt < identityOfNew < bindWithAccess', 'ENOMEM'],
  ['one', 'fcntl < fcntl < setBlocking < closedOnFailure < openNetlink', 'EBADF'],
  ['one', 'fstatSync < lockOrRefuse', 'EIO'],
  ['one', 'flock < attempt < lock < lockOrRefuse', 'ENOLCK'],
  ['pool', 'mkdirSync < makeDirectory', 'KILL'],
  ['pool', 'rmdirSync < removeDirectory', 'EBUSY'],
  ['pool', 'dup2 < duplicateTo < begin', 'EBUSY'],
  ['pool', 'pipe < pipe < peekPipe', 'EMFILE'],
  ['pool', 'flock < attempt < lock < takeLeftover', 'EINTR'],
];

/** By the setting of the life; all calls that can fail so. */
const TROUBLES: readonly (readonly [setting: string, way: string])[] = [
  ['one', 'ENOSPC'],
  ['one', 'ENOMEM'],
  ['pool', 'EMFILE'],
];

const lives = new Map<string, Promise<Seen>>();

/** What there is in a life in which nothing fails. */
async function ordinary(name: string) {
  const setting = settings.find((each) => each.name === name) ?? expect.fail(`no setting ${name}`);
  const seen = lives.get(name) ?? usualLife(setting);
  lives.set(name, seen);
  return { setting, ...(await seen) };
}

describe.skipIf(isSweep || skipsFixes || isPackage)('a superdaemon of which one call fails', () => {
  it.each(
    SAMPLE,
  )('(%s) %s: %s – serves on, or refuses in a line, and leaves nothing', async (name, beginning, way) => {
    const { setting, calls, usual } = await ordinary(name);
    const call = firstOfEach(calls).find((each) => `${each.call} `.startsWith(`${beginning} `));
    if (call === undefined) throw new Error(`nothing is called by way of ${beginning} any more`);
    const { ways: _, ...place } = call;
    const fault: Fault = { ...place, way };
    const { fired, findings } = await live(setting, fault, usual);
    expect({ fired, findings }).toEqual({ fired: true, findings: [] });
  });
});

describe.skipIf(isSweep || skipsFixes || isPackage)(
  'a superdaemon whose calls fail for as long as it takes',
  () => {
    it.each(
      TROUBLES,
    )('(%s) %s – serves on, makes up for it afterwards, and ends when it is told to', async (name, way) => {
      const { setting, usual } = await ordinary(name);
      const suffered = await liveThrough({ setting, usual, trouble: { since: 'it serves', call: '', way } });
      expect(suffered).toEqual({ fired: true, findings: [] });
    });
  },
);

it.runIf(isSweep)('whatever call fails, the service goes on', { timeout: 1e9 }, async () => {
  const swept = await sweep({
    troubles: process.env.FAULTS_LASTING === '1',
    every: number('FAULTS_EVERY', 1),
    from: number('FAULTS_FROM', 0),
    only: process.env.FAULTS_ONLY ?? '',
    seconds: number('FAULTS_SECONDS', 1e6),
    journal: process.env.FAULTS_JOURNAL ?? '',
    sideBySide: number('FAULTS_AT_ONCE', 2),
    say: (line) => process.stdout.write(`${line}\n`),
  });
  const { fired, found } = swept;
  process.stdout.write(
    `${swept.lives} lives, in ${fired} of them the call was made, ${found.length} found\n`,
  );
  expect(found).toEqual([]);
});
