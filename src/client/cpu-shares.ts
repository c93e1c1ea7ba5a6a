// How much of a processor each worker uses, from what it had used the last time that we looked.

import type { StatusReport, WorkerStatus } from '../control/status-report.ts';
import { now } from '../posix/clock.ts';

/** 1: a whole processor. undefined at its first look. */
export type ShareOf = (worker: WorkerStatus) => number | undefined;

interface Look {
  readonly atMs: number;
  /** Processor seconds, by process. */
  readonly used: ReadonlyMap<string, number>;
}

/** To be given each report as it comes: /proc was read for it at that moment. */
export function cpuShares(clock = now): (report: StatusReport) => ShareOf {
  let last: Look | undefined;
  return ({ workers }) => {
    const before = last;
    const atMs = clock();
    last = { atMs, used: usedBy(workers) };
    const seconds = before === undefined ? 0 : (atMs - before.atMs) / 1000;
    return (worker) => {
      const used = before?.used.get(keyOf(worker));
      if (used === undefined || worker.cpuSeconds === null || seconds <= 0) return undefined;
      return Math.max(0, worker.cpuSeconds - used) / seconds;
    };
  };
}

function usedBy(workers: readonly WorkerStatus[]): ReadonlyMap<string, number> {
  const known = workers.flatMap((each): [string, number][] =>
    each.cpuSeconds === null ? [] : [[keyOf(each), each.cpuSeconds]],
  );
  return new Map(known);
}

/** A pid comes again; of a wrapper it is that of the process that serves. */
function keyOf({ generation, upSince, pid, mainPid }: WorkerStatus): string {
  return [generation, upSince, mainPid ?? pid].join(' ');
}
