// What Linux tells about a running process.
import { readdirSync, readFileSync } from 'node:fs';

/** In KB. Anonymous is the process's own; PSS and RSS also count program text that other processes may share. */
export type Memory = { readonly anonymous: number; readonly pss: number; readonly rss: number };
export type Activity = { readonly switches: number; readonly cpuMs: number };

export function memory(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return { anonymous: field(text, 'Anonymous'), pss: field(text, 'Pss'), rss: field(text, 'Rss') };
}

/** The pid itself and all that it has started, as far as they are not adopted by others. */
export function descendants(pid: number): readonly number[] {
  const tasks = readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}/children`);
  const children = tasks.flatMap((file) => readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number));
  return [pid, ...children.flatMap(descendants)];
}

export function openFds(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Context switches of either kind, and time on a CPU, since the process began, all threads together. */
export function activity(pid: number): Activity {
  const tasks = readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`);
  return {
    switches: sum(tasks.map((task) => switches(readFileSync(`${task}/status`, 'utf8')))),
    cpuMs: sum(tasks.map((task) => Number(readFileSync(`${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6)),
  };
}

function switches(status: string): number {
  return field(status, 'voluntary_ctxt_switches') + field(status, 'nonvoluntary_ctxt_switches');
}

function field(text: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text);
  return match === null ? Number.NaN : Number(match[1]);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
