// What becomes of the service when a call of the C library or of node:fs fails, or the superdaemon is killed as it makes one: those
// that something was found with. All of them, for hours: npm run faults.

import { describe, expect, it } from 'vitest';
import type { Fault } from '../faults/fault.ts';
import { live, type Seen } from '../faults/life.ts';
import { settings } from '../faults/settings.ts';
import { firstOfEach, sweep, usualLife } from '../faults/sweep.ts';
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
  ['pool', 'dup2 < duplicateTo < begin', 'EBUSY'],
  ['pool', 'pipe < pipe < peekPipe', 'EMFILE'],
  ['pool', 'flock < attempt < lock < removeIfLeft', 'EINTR'],
];

const usual = new Map<string, Promise<Seen>>();

describe.skipIf(isSweep || skipsFixes || isPackage)('a superdaemon of which one call fails', () => {
  it.each(
    SAMPLE,
  )('(%s) %s: %s – serves on, or refuses in a line, and leaves nothing', async (name, beginning, way) => {
    const setting = settings.find((each) => each.name === name) ?? expect.fail(`no setting ${name}`);
    const before = usual.get(name) ?? usualLife(setting);
    usual.set(name, before);
    const { calls, usual: expected } = await before;
    const call = firstOfEach(calls).find((each) => `${each.call} `.startsWith(`${beginning} `));
    if (call === undefined) throw new Error(`nothing is called by way of ${beginning} any more`);
    const { ways: _, ...place } = call;
    const fault: Fault = { ...place, way };
    const { fired, findings } = await live(setting, fault, expected);
    expect({ fired, findings }).toEqual({ fired: true, findings: [] });
  });
});

it.runIf(isSweep)('whatever call fails, the service goes on', { timeout: 1e9 }, async () => {
  const { lives, fired, found } = await sweep({
    every: number('FAULTS_EVERY', 1),
    from: number('FAULTS_FROM', 0),
    only: process.env.FAULTS_ONLY ?? '',
    seconds: number('FAULTS_SECONDS', 1e6),
    sideBySide: number('FAULTS_AT_ONCE', 2),
    say: (line) => process.stdout.write(`${line}\n`),
  });
  process.stdout.write(`${lives} lives, in ${fired} of them the call was made, ${found.length} found\n`);
  expect(found).toEqual([]);
});
