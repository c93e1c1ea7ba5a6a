// What /proc tells of a process of anybody's; undefined where there is no /proc, or nothing of it is for us.

import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { fromBytes } from './bytes.ts';
import { type Environment, parseEnvironment } from './caller.ts';
import { errorCode } from './system-error.ts';

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

/** What it was executed with. Programs that show a title of their own may have written over it; empty where we may not look. */
export function environmentOf(pid: number): Environment {
  return parseEnvironment(read(`/proc/${pid}/environ`));
}

/** The process that has the socket of this inode open; of a family the eldest. */
export function holderOf(inode: string): number | undefined {
  const holders = processes().filter((pid) => socketsOf(pid).has(inode));
  return holders.find((pid) => !holders.includes(parentOf(pid))) ?? holders[0];
}

export function processes(): number[] {
  return list('/proc').map(Number).filter(Number.isInteger);
}

/** Its descriptors that are sockets, by inode; none where we may not look. */
export function socketsOf(pid: number): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const fd of list(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(linkTarget(`/proc/${pid}/fd/${fd}`))?.[1];
    if (inode !== undefined) found.set(inode, Number(fd));
  }
  return found;
}

/** Who has each of these sockets open, by inode, without us. */
export function holdersOf(inodes: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const holders = new Map<string, number[]>(inodes.map((inode) => [inode, []]));
  if (inodes.length === 0) return holders;
  for (const pid of processes()) {
    if (pid === process.pid) continue;
    for (const inode of socketsOf(pid).keys()) holders.get(inode)?.push(pid);
  }
  return holders;
}

/** The user who made a socket that this process has; undefined where we may not look. */
export function makerOf(pid: number, inode: string): number | undefined {
  try {
    return statSync(`/proc/${pid}/fd/${socketsOf(pid).get(inode)}`).uid;
  } catch {
    return undefined;
  }
}

/** Its working directory; empty where we may not look. */
export function directoryOf(pid: number): string {
  return linkTarget(`/proc/${pid}/cwd`);
}

/** Zombies do not. */
export function isAlive(pid: number): boolean {
  return /^State:\s*[^ZX]/m.test(read(`/proc/${pid}/status`).toString('latin1'));
}

/** Whether it lives, and we may not see what it has open. */
export function isSecretive(pid: number): boolean {
  try {
    readdirSync(`/proc/${pid}/fd`);
    return false;
  } catch (error) {
    return errorCode(error) === 'EACCES';
  }
}

/** NaN once it is gone; 0 for a parent that we cannot see. */
export function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)$/m.exec(read(`/proc/${pid}/status`).toString('latin1'))?.[1]);
}

/** Its real user id; NaN once it is gone. */
export function userOf(pid: number): number {
  return Number(/^Uid:\s*(\d+)\s/m.exec(read(`/proc/${pid}/status`).toString('latin1'))?.[1]);
}

/** The number by which it knows itself, in the innermost of its pid namespaces; NaN once it is gone. */
export function ownPidOf(pid: number): number {
  return Number(/^NSpid:.*?(\d+)$/m.exec(read(`/proc/${pid}/status`).toString('latin1'))?.[1]);
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
