import { describe, expect, it, vi } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { itLaunched } from '../../support/ours.ts';
import { describePeer } from '../../support/peer.ts';
import { isReference, program } from '../../support/program.ts';
import { tempDir } from '../../support/temp-dir.ts';
import type { Case, Pair } from './case.ts';
import { cases, clientCases, ownClientCases } from './cases/index.ts';
import { byName, disagreements } from './compare.ts';
import { differences } from './differences.ts';
import { observe } from './observe.ts';
import type { Setting } from './steps.ts';

// Most of the time all of them wait for the reference.
vi.setConfig({ maxConcurrency: 8 });

interface Contender extends Pair {
  readonly name: string;
}

const reference = '/usr/bin/start_server';
const ours: Contender = { superdaemon: program, client: program, name: 'ours' };
const theirs = { superdaemon: reference, client: reference };

const clientPairs: readonly Contender[] = [
  { superdaemon: reference, client: program, name: 'our client, their superdaemon' },
  { superdaemon: program, client: reference, name: 'their client, our superdaemon' },
  // Only with a superdaemon of ours there is progress to show, which the reference's client does not.
  { ...ours, clientWords: ['--quiet'], name: 'both ours' },
];

// Run against the reference itself, this would compare it with itself.
const describeOursBesideIt = isReference ? describe.skip : describe;

describeOursBesideIt('ours', () => {
  describePeer('shows what the reference shows:', ['start_server'], () => {
    for (const each of [...cases, ...ownClientCases]) itFor(each)(each.name, () => compare(each, [ours]));
    for (const each of clientCases) it.concurrent(`${each.name}, mixed`, () => compare(each, clientPairs));
  });
});

describe('the list of differences', () => {
  it('has no entry that no case shows', () => {
    const shown = new Set(
      [...cases, ...clientCases, ...ownClientCases].flatMap((each) => each.differences ?? []),
    );
    expect(differences.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });
});

async function compare(each: Case, contenders: readonly Contender[]): Promise<void> {
  using dir = tempDir();
  const setting = await settingIn(dir);
  const { instead: words, differences: named = [] } = each;
  const seen = await observe(each, theirs, setting);
  if (words === undefined)
    expect(seen.get('start'), seen.get('log')).toBe(each.ends ? 'ends by itself' : 'runs');
  const instead = words === undefined ? undefined : await observe({ ...each, words }, theirs, setting);
  for (const contender of contenders) {
    const observed = await observe(each, contender, setting);
    const shown = named.filter((name) => shows(name, contender));
    const account = disagreements({ reference: seen, instead, ours: observed, named: shown });
    if (account !== '') expect.fail(`${each.name} (${contender.name})\n${account}`);
  }
}

function itFor({ launched }: Case) {
  return (launched ? itLaunched : it).concurrent;
}

function shows(difference: string, contender: Contender): boolean {
  const { of, talks } = byName(difference);
  if (talks && contender.clientWords?.includes('--quiet')) return false;
  return of === undefined || contender[of] === program;
}

async function settingIn(dir: Setting['dir']): Promise<Setting> {
  const places = new Map([['dir', dir.path]]);
  for (const name of ['port', 'port2', 'port3']) places.set(name, String(await freePort()));
  return { dir, fill: (text) => text.replace(/\{(\w+)\}/g, (whole, name) => places.get(name) ?? whole) };
}
