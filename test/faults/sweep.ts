// Every call of a life, failed once in every way: each call that the program makes at another place, or that other functions lead
// to, when it is made for the first time. Or, as troubles, kinds of calls that fail for as long as it takes.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { type Call, type Fault, faultText, type Trouble, troubleText } from './fault.ts';
import { live, type Seen, type Usual } from './life.ts';
import { type Setting, settings } from './settings.ts';
import { liveThrough } from './troubled-life.ts';

/** A life that is to be lived. */
interface Trial {
  readonly name: string;
  readonly live: () => Promise<{ readonly fired: boolean; readonly findings: readonly string[] }>;
}

export interface SweepOptions {
  /** Calls that fail for as long as it takes, and not once. */
  readonly troubles: boolean;
  /** Of all trials each so many-th … */
  readonly every: number;
  /** … beginning with this one. */
  readonly from: number;
  /** Those alone in whose text this is. */
  readonly only: string;
  /** When no more are begun. */
  readonly seconds: number;
  /** How many at a time. */
  readonly sideBySide: number;
  /** A file of what has been tried, which is not tried again; empty: none. */
  readonly journal: string;
  readonly say: (line: string) => void;
}

export interface Swept {
  readonly lives: number;
  /** In how many the call was made: what a life does depends on its pace. */
  readonly fired: number;
  readonly found: readonly string[];
}

export async function sweep(options: SweepOptions): Promise<Swept> {
  const { every, from, only, seconds, sideBySide, journal, say } = options;
  const trials = await (options.troubles ? everyTrouble : everyTrial)(say);
  const all = trials.filter(({ name }) => name.includes(only));
  const tried = triedIn(journal);
  const waiting = all.filter(({ name }, index) => index % every === from % every && !tried.has(name));
  say(`${waiting.length} of ${all.length} lives`);
  const end = performance.now() + seconds * 1000;
  const found: string[] = [];
  let [lives, fired] = [0, 0];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined && performance.now() < end; next = waiting.shift()) {
      const seen = await tryTwice(next);
      lives += 1;
      fired += seen.fired ? 1 : 0;
      if (seen.isFound) found.push(seen.story);
      say(`${lives} ${next.name}: ${seen.story}`);
      if (journal !== '') appendFileSync(journal, `${JSON.stringify([next.name, seen.story])}\n`);
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
  return { lives, fired, found };
}

function triedIn(journal: string): ReadonlySet<string> {
  if (!existsSync(journal)) return new Set();
  const lines = readFileSync(journal, 'utf8').trimEnd().split('\n');
  return new Set(lines.map((line) => (JSON.parse(line) as string[])[0] ?? ''));
}

/** Of each setting those calls alone that none before it makes. */
async function everyTrial(say: (line: string) => void): Promise<readonly Trial[]> {
  const known = new Set<string>();
  const trials: Trial[] = [];
  for (const setting of settings) {
    const { calls, usual } = await usualLife(setting);
    for (const call of firstOfEach(calls)) {
      const name = `${ofTrial(call) ? call.image : ''} ${call.call}`;
      if (!known.has(name)) trials.push(...faultsOf(call).map((fault) => trialOf(setting, usual, fault)));
      known.add(name);
    }
    say(`${setting.name}: ${calls.length} calls, ${firstOfEach(calls).length} ways to one`);
  }
  return trials.sort(inDisorder);
}

function trialOf(setting: Setting, usual: Usual, fault: Fault): Trial {
  return { name: `${setting.name}: ${faultText(fault)}`, live: () => live(setting, fault, usual) };
}

/** The widest first: an errno of all calls that have it, of all of one name, of all by one way. */
async function everyTrouble(say: (line: string) => void): Promise<readonly Trial[]> {
  const trials = new Map<string, Trial & { readonly narrowness: number }>();
  for (const setting of settings.filter(({ upgrades }) => upgrades)) {
    const { calls, usual } = await usualLife(setting);
    for (const trouble of firstOfEach(calls).flatMap(troublesOf)) {
      const narrowness = Math.min(2, trouble.call.split(' ').filter(Boolean).length);
      // By one way it is made in both.
      const name = `${narrowness === 2 ? '' : `${setting.name}: `}${troubleText(trouble)}`;
      if (trials.has(name)) continue;
      trials.set(name, { name, narrowness, live: () => liveThrough({ setting, trouble, usual }) });
    }
    say(`${setting.name}: ${calls.length} calls`);
  }
  return [...trials.values()].sort((one, other) => one.narrowness - other.narrowness);
}

/** What lasts: of calls that are in each other's way, or interrupted, the next one is another. */
const LASTING = ['EACCES', 'EIO', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'ENOSPC', 'EROFS'];
/** For one call, not for all of them. */
const PARTLY_LASTING = ['EADDRINUSE', 'EAGAIN', 'EBUSY', 'ENOLCK', 'ENOSYS', 'EPERM'];
/** Workers that nobody can signal nobody can stop. */
const NEVER = ['kill'];

function troublesOf({ call, ways }: Call): readonly Trouble[] {
  const name = call.split(' ')[0] ?? '';
  if (NEVER.includes(name)) return [];
  return (['it serves', 'the start'] as const).flatMap((since) => [
    ...LASTING.filter((way) => ways.includes(way)).map((way) => ({ since, call: '', way })),
    ...[...LASTING, ...PARTLY_LASTING]
      .filter((way) => ways.includes(way))
      .flatMap((way) => [name, call].map((each) => ({ since, call: each, way }))),
  ]);
}

/** The program that an upgrade brings does what the first did: what it does first is its own. */
function ofTrial({ image }: Call): boolean {
  return image === 'tried' || image === 'described';
}

/** Throws Error when something is found in it, time after time. */
export async function usualLife(setting: Setting): Promise<Seen> {
  let seen = await live(setting);
  for (let tries = 1; tries < 3 && seen.findings.length > 0; tries += 1) seen = await live(setting);
  if (seen.findings.length > 0) throw new Error(`though nothing fails: ${seen.findings.join('\n')}`);
  return seen;
}

export function firstOfEach(calls: readonly Call[]): readonly Call[] {
  return calls.filter(({ nth }) => nth === 1);
}

function faultsOf({ ways, ...call }: Call): readonly Fault[] {
  return ['KILL', ...ways].map((way) => ({ ...call, way }));
}

/** What is found once only may be the machine's doing, which is busy. */
async function tryTwice(trial: Trial) {
  const { fired, findings } = await trial.live();
  if (findings.length === 0) return { fired, isFound: false, story: fired ? 'well' : 'not made' };
  const again = await trial.live();
  const isFound = again.findings.length > 0;
  const lines = isFound ? ['FOUND', ...again.findings] : ['once', ...findings];
  return { fired, isFound, story: lines.join('\n  ') };
}

/** The same each time; so that a part of them is a part of everything. */
function inDisorder(one: Trial, other: Trial): number {
  return scattered(one.name) - scattered(other.name);
}

function scattered(text: string): number {
  let sum = 7;
  for (let at = 0; at < text.length; at += 1) sum = (sum * 31 + text.charCodeAt(at)) % 1_000_003;
  return sum;
}
