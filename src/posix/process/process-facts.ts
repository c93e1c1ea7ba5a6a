// What /proc tells of a process of anybody's; undefined where there is no /proc, or nothing of it is for us.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { now } from '../clock.ts';
import { fromBytes } from '../libc/bytes.ts';
import { kill } from '../libc/libc.ts';
import { errorCode } from '../libc/system-error.ts';
import { type Environment, parseEnvironment } from './caller.ts';

/** Its argument vector. */
export function commandOf(pid: number): readonly string[] | undefined {
  const words = fromBytes(read(`/proc/${pid}/cmdline`))
    .split('\0')
    .slice(0, -1);
  return words.length > 0 ? words : undefined;
}

/** Its resident memory, in bytes. */
export function memoryOf(pid: number): number | undefined {
  const kibibytes = fromStatus(pid, /^VmRSS:\s*(\d+) kB$/m);
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** The processor time that it has used. */
export function cpuMsOf(pid: number): number | undefined {
  const [user, system] = statFields(pid, [14, 15]);
  return user === undefined || system === undefined ? undefined : (user + system) * MS_PER_TICK;
}

/** How long ago it was made. */
export function ageMsOf(pid: number): number | undefined {
  const startTime = startTimeOf(pid);
  if (startTime === undefined) return undefined;
  // Under lxcfs /proc/uptime is the container's; the monotonic clock leaves out the time that the machine slept.
  const uptimeMs = Number.parseFloat(text('/proc/uptime')) * 1000 || 0;
  return Math.max(0, Math.max(uptimeMs, now()) - startTime * MS_PER_TICK);
}

/** USER_HZ is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;

/** When it was made, in clock ticks since boot: with its pid it tells it from any other process of this boot. */
export function startTimeOf(pid: number): number | undefined {
  return statField(pid, 22);
}

/** undefined once it is gone; 0 for a parent that we cannot see. */
export function parentOf(pid: number): number | undefined {
  return statField(pid, 4);
}

function statField(pid: number, field: number): number | undefined {
  return statFields(pid, [field])[0];
}

/** Numbers, by their places in proc(5). The second field, the name in parentheses, may hold anything. */
function statFields(pid: number, fields: readonly number[]): (number | undefined)[] {
  const stat = text(`/proc/${pid}/stat`);
  const values = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.map((field) => {
    const value = values[field - 3];
    return value === undefined || value === '' ? undefined : Number(value);
  });
}

/** What it was executed with. Programs that show a title of their own may have written over it; empty where we may not look. */
export function environmentOf(pid: number): Environment {
  return parseEnvironment(read(`/proc/${pid}/environ`));
}

export function processes(): number[] {
  return list('/proc').map(Number).filter(Number.isInteger);
}

/** Its working directory; empty where we may not look. */
export function directoryOf(pid: number): string {
  return linkTarget(`/proc/${pid}/cwd`);
}

/** Zombies do not. */
export function isAlive(pid: number): boolean {
  try {
    kill(pid, 0);
  } catch (error) {
    // EPERM: it is another user's. /proc may hide it, too (hidepid).
    if (errorCode(error) === 'ESRCH') return false;
  }
  return fromStatus(pid, /^State:\s*([ZX])/m) === undefined;
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

/** Its real user id; NaN once it is gone. */
export function userOf(pid: number): number {
  return Number(fromStatus(pid, /^Uid:\s*(\d+)\s/m));
}

/** The number by which it knows itself, in the innermost of its pid namespaces; NaN once it is gone. */
export function ownPidOf(pid: number): number {
  return Number(fromStatus(pid, /^NSpid:.*?(\d+)$/m));
}

export function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

export function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function fromStatus(pid: number, pattern: RegExp): string | undefined {
  return pattern.exec(text(`/proc/${pid}/status`))?.[1];
}

/** As UTF-8: Node has a way of its own for that, which takes half the time. Names of programs may be anything else. */
function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
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
