import { eventually } from './eventually.ts';
import type { Superdaemon } from './superdaemon.ts';

/** The pid of the worker of a generation, from the log: the n-th that was started. */
export function workerPid({ log }: Superdaemon, generation = 1): Promise<number> {
  return eventually(() => {
    const started = [...log().matchAll(/^starting new worker (\d+)\n/gm)][generation - 1]?.[1];
    if (started === undefined) throw new Error(`no worker ${generation} in the log:\n${log()}`);
    return Number(started);
  });
}
