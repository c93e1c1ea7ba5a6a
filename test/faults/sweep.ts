// Every call of a life, failed once in every way: each call that the program makes at another place, or that other functions lead
// to, when it is made for the first time.

import { type Call, type Fault, faultText } from './fault.ts';
import { live, type Seen, type Usual } from './life.ts';
import { type Setting, settings } from './settings.ts';

export interface Trial {
  readonly setting: Setting;
  /** What there is in a life like it, in which nothing fails. */
  readonly usual: Usual;
  readonly fault: Fault;
}

export interface SweepOptions {
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
  readonly say: (line: string) => void;
}

export interface Swept {
  readonly lives: number;
  /** In how many the call was made: what a life does depends on its pace. */
  readonly fired: number;
  readonly found: readonly string[];
}

export async function sweep({ every, from, only, seconds, sideBySide, say }: SweepOptions): Promise<Swept> {
  const all = (await everyTrial(say)).filter(({ fault }) => faultText(fault).includes(only));
  const waiting = all.filter((_, index) => index % every === from % every).sort(inDisorder);
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
      say(`${lives} ${next.setting.name}: ${faultText(next.fault)}: ${seen.story}`);
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
  return { lives, fired, found };
}

/** Of each setting those calls alone that none before it makes. */
async function everyTrial(say: (line: string) => void): Promise<readonly Trial[]> {
  const known = new Set<string>();
  const trials: Trial[] = [];
  for (const setting of settings) {
    const { calls, usual } = await usualLife(setting);
    for (const call of firstOfEach(calls)) {
      const name = `${ofTrial(call) ? call.image : ''} ${call.call}`;
      if (!known.has(name)) trials.push(...faultsOf(call).map((fault) => ({ setting, usual, fault })));
      known.add(name);
    }
    say(`${setting.name}: ${calls.length} calls, ${firstOfEach(calls).length} ways to one`);
  }
  return trials;
}

/** The program that an upgrade brings does what the first did: what it does first is its own. */
function ofTrial({ image }: Call): boolean {
  return image === 'tried' || image === 'described';
}

/** Throws Error when something is found in it. */
export async function usualLife(setting: Setting): Promise<Seen> {
  const seen = await live(setting);
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
async function tryTwice({ setting, fault, usual }: Trial) {
  const { fired, findings } = await live(setting, fault, usual);
  if (findings.length === 0) return { fired, isFound: false, story: fired ? 'well' : 'not made' };
  const again = await live(setting, fault, usual);
  const isFound = again.findings.length > 0;
  const lines = isFound ? ['FOUND', ...again.findings] : ['once', ...findings];
  return { fired, isFound, story: lines.join('\n  ') };
}

/** The same each time; so that a part of them is a part of everything. */
function inDisorder(one: Trial, other: Trial): number {
  return scattered(faultText(one.fault)) - scattered(faultText(other.fault));
}

function scattered(text: string): number {
  let sum = 7;
  for (let at = 0; at < text.length; at += 1) sum = (sum * 31 + text.charCodeAt(at)) % 1_000_003;
  return sum;
}
