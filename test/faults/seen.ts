// What can be seen of a superdaemon from outside.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** What each open descriptor leads to. */
export function descriptorsOf(pid: number): readonly string[] {
  const directory = `/proc/${pid}/fd`;
  try {
    return readdirSync(directory).map((fd) => {
      try {
        return readlinkSync(`${directory}/${fd}`).replace(/start-server-[^/]*|\d+/g, 'N');
      } catch {
        return '';
      }
    });
  } catch {
    return [];
  }
}

export function filesIn(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' });
}

export interface Window {
  readonly ms: number;
  /** Of the processor, a hundredth of a second each. */
  readonly mostTicks: number;
}

const BRIEF: Window = { ms: 120, mostTicks: 3 };

/** Whether it uses the processor though nothing happens. */
export async function isBusy(pid: number, { ms, mostTicks } = BRIEF): Promise<boolean> {
  for (const _try of [1, 2, 3]) {
    const before = ticksOf(pid);
    await delay(ms);
    if (ticksOf(pid) - before <= mostTicks) return false;
  }
  return true;
}

function ticksOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

/** The first line of a fault of the program's own, with the call that follows it; undefined: there is none. */
export function stackIn(text: string): string | undefined {
  return /^.*\n(?: {4}at .*\n?){1,3}/m.exec(text)?.[0] ?? /^.*internal error.*$/m.exec(text)?.[0];
}

/** Those that are not among the usual ones, or more often. */
export function moreOf(found: readonly string[], usual: readonly string[]): readonly string[] {
  const left = [...usual];
  return found.filter((each) => {
    const at = left.indexOf(each);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
