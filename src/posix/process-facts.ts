// What /proc tells of a process of anybody's; undefined where there is no /proc, or nothing of it is for us.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fromBytes } from './bytes.ts';

/** Its argument vector. */
export function commandOf(pid: number): readonly string[] | undefined {
  const words = fromBytes(read(`/proc/${pid}/cmdline`))
    .split('\0')
    .slice(0, -1);
  return words.length > 0 ? words : undefined;
}

/** Its resident memory, in bytes. */
export function memoryOf(pid: number): number | undefined {
  const kibibytes = /^VmRSS:\s*(\d+) kB$/m.exec(read(`/proc/${pid}/status`).toString('latin1'))?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** How long ago it was made. */
export function ageMsOf(pid: number): number | undefined {
  // The name, in parentheses, may hold anything; behind it the start is the 20th word, in clock ticks since boot.
  const stat = read(`/proc/${pid}/stat`).toString('latin1');
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  const uptimeMs = Number.parseFloat(read('/proc/uptime').toString('latin1')) * 1000;
  const ageMs = uptimeMs - ticks * MS_PER_TICK;
  return Number.isFinite(ageMs) ? Math.max(0, ageMs) : undefined;
}

/** USER_HZ is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;

/** The process that has the socket of this inode open; of a family the eldest. */
export function holderOf(inode: string): number | undefined {
  const holders = processes().filter((pid) => holds(pid, `socket:[${inode}]`));
  return holders.find((pid) => !holders.includes(parentOf(pid))) ?? holders[0];
}

function processes(): number[] {
  return list('/proc').map(Number).filter(Number.isInteger);
}

function holds(pid: number, link: string): boolean {
  return list(`/proc/${pid}/fd`).some((fd) => linkTarget(`/proc/${pid}/fd/${fd}`) === link);
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)$/m.exec(read(`/proc/${pid}/status`).toString('latin1'))?.[1]);
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
