// What the note of the workers says: a fact a line, its name first.
//
//   start-server 1                         the version of what follows
//   boot ID                                of the kernel
//   superdaemon PID STARTTIME              whose workers they are
//   port KIND NAME PORT                    that the kernel chose where an option said 0
//   worker GENERATION PID STARTTIME SLOT   without the last word where there is one worker a generation
//   main WORKER PID STARTTIME              who serves behind the worker of that pid
//
// STARTTIME is field 22 of /proc/PID/stat, so a pid that is given anew means nobody. Lines, and words at the end of a line,
// that a reader does not know it passes over; what it would misread raises the version.

import type { LiveGeneration } from '../superdaemon/host.ts';

const VERSION = 1;

/** Tells a process from any other of this boot. */
export interface Identity {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTime: number;
}

export interface ChosenPort {
  readonly kind: 'tcp' | 'udp';
  /** What SERVER_STARTER_PORT calls it; several may have the same, in the order of the options. */
  readonly name: string;
  readonly port: number;
}

export interface Note {
  readonly boot: string;
  readonly superdaemon: Identity;
  readonly ports: readonly ChosenPort[];
  /** The last that was spawned is among them, dead or alive. */
  readonly workers: readonly (LiveGeneration & Identity)[];
  readonly mains: readonly NotedMain[];
}

export interface NotedMain extends Identity {
  /** The pid of the worker that it serves for. */
  readonly worker: number;
}

export function noteText({ boot, superdaemon, ports, workers, mains }: Note): string {
  return [
    ['start-server', VERSION],
    ['boot', boot],
    ['superdaemon', superdaemon.pid, superdaemon.startTime],
    ...ports.map(({ kind, name, port }) => ['port', kind, name, port]),
    ...workers.map(({ generation, worker, pid, startTime }) => {
      return ['worker', generation, pid, startTime, ...(worker === undefined ? [] : [worker])];
    }),
    ...mains.map(({ worker, pid, startTime }) => ['main', worker, pid, startTime]),
  ]
    .map((words) => `${words.join(' ')}\n`)
    .join('');
}

/** undefined for what nobody has written who knows this version. */
export function parseNote(text: string): Note | undefined {
  const lines = text.split('\n').map((line) => line.split(' '));
  const named = (name: string) => lines.filter(([first]) => first === name).map(([, ...words]) => words);
  const [[version] = []] = named('start-server');
  const [[boot] = []] = named('boot');
  const [superdaemon] = named('superdaemon').map(([pid, start]) => identity(pid, start));
  const workers = named('worker').map(([generation, pid, start, slot = '']) => {
    const [number, process] = [count(generation), identity(pid, start)];
    const worker = /^\d{1,4}$/.test(slot) ? { worker: Number(slot) } : {};
    return number && process ? { generation: number, ...worker, ...process } : undefined;
  });
  if (lines[0]?.[0] !== 'start-server' || version !== String(VERSION)) return undefined;
  if (boot === undefined || superdaemon === undefined || !workers.every((each) => each !== undefined))
    return undefined;
  const [ports, mains] = [named('port').flatMap(chosenPort), named('main').flatMap(notedMain)];
  return { boot, superdaemon, ports, workers, mains };
}

function identity(pid: string | undefined, startTime: string | undefined): Identity | undefined {
  const [number, start] = [count(pid), count(startTime)];
  return number === undefined || start === undefined ? undefined : { pid: number, startTime: start };
}

function notedMain([worker, pid, start]: readonly string[]): NotedMain[] {
  const [number, process] = [count(worker), identity(pid, start)];
  return number && process ? [{ worker: number, ...process }] : [];
}

function chosenPort([kind, name, text]: readonly string[]): ChosenPort[] {
  const port = count(text);
  if ((kind !== 'tcp' && kind !== 'udp') || name === undefined || port === undefined) return [];
  return [{ kind, name, port }];
}

function count(text = ''): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}
