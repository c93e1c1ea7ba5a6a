// The worker's fd table: which socket it finds at which number, and where ours must lie so that the dup2 of one never
// overwrites another.

import { closeQuietly, duplicate } from '../posix/file/descriptor.ts';
import { StartupError } from '../startup-error.ts';
import type { SocketSpec } from './socket-spec.ts';

export interface FdEntry {
  readonly name: string;
  /** Our descriptor. */
  readonly from: number;
  /** The worker's descriptor. */
  readonly to: number;
}

export interface WorkerDescriptors {
  /** Those above 2 that the caller passes through to the worker. */
  readonly passedThrough: readonly number[];
  /** The soft limit of open files: every number lies below it. */
  readonly limit: number;
  /** The sockets have to stand at 3, 4, 5 …, for --listen-fds; what the caller has there gives way. */
  readonly consecutive: boolean;
  /** The lowest number to choose. */
  readonly first: number;
}

/** The worker's number for each spec: the one asked for, else the lowest from `first` up that nothing else has. */
export function chooseNumbers(specs: readonly SocketSpec[], worker: WorkerDescriptors): number[] {
  const fixed = new Set<number>();
  for (const { fd, option } of specs) {
    if (fd === undefined) continue;
    if (fixed.has(fd)) throw new StartupError(`${option}: descriptor ${fd} is asked for twice`);
    if (fd >= worker.limit) {
      throw new StartupError(
        `${option}: descriptor ${fd} is beyond the limit of open files, ${worker.limit}`,
      );
    }
    fixed.add(fd);
  }
  if (worker.consecutive) return consecutive(specs, worker);
  let next = worker.first;
  return specs.map(({ fd, option }) => {
    if (fd !== undefined) return fd;
    while (fixed.has(next) || worker.passedThrough.includes(next)) next++;
    if (!isBelow(next, worker)) throw noNumberLeft(option, worker);
    return next++;
  });
}

/** The last one is the worker's: without any it cannot even open its libraries. */
function isBelow(number: number, { limit }: WorkerDescriptors): boolean {
  return number < limit - 1;
}

function noNumberLeft(option: string, { limit }: WorkerDescriptors): StartupError {
  return new StartupError(`${option}: no descriptor is left for it below the limit of open files, ${limit}`);
}

/** The numbers of a sequence are nobody's choice, so what the caller has there may well be meant for the worker. */
export function warnAboutLost(
  targets: ReadonlySet<number>,
  { passedThrough, warn }: Pick<WorkerDescriptors, 'passedThrough'> & { warn(line: string): void },
): void {
  for (const fd of passedThrough.filter((each) => targets.has(each))) {
    warn(`--listen-fds: a socket takes the place of descriptor ${fd} that our caller left open`);
  }
}

function consecutive(specs: readonly SocketSpec[], worker: WorkerDescriptors): number[] {
  return specs.map(({ fd, option }, index) => {
    const number = 3 + index;
    if (!isBelow(number, worker)) throw noNumberLeft(option, worker);
    if (fd === undefined || fd === number) return number;
    throw new StartupError(
      `${option}: --listen-fds numbers the sockets 3, 4, 5 … in order, this one ${number}`,
    );
  });
}

/**
 * Moves a descriptor to its number in the worker, or, where this process needs that number itself, to one that no
 * socket of the worker's has.
 */
export function park(fd: number, to: number, targets: ReadonlySet<number>): number {
  let place = duplicate(fd, Math.max(to, 3));
  while (place !== to && targets.has(place)) {
    let from = place + 1;
    while (targets.has(from)) from++;
    const higher = duplicate(fd, from);
    closeQuietly(place);
    place = higher;
  }
  closeQuietly(fd);
  return place;
}

/** `name=fd;name=fd`, in creation order; empty without any socket. */
export function serverStarterPort(entries: readonly FdEntry[]): string {
  return entries.map(({ name, to }) => `${name}=${to}`).join(';');
}
