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

/** Resolves when the printer worker of a generation has started: a signal reaches it, not what became it. */
export function printed({ output }: Superdaemon, generation = 1): Promise<void> {
  return eventually(() => {
    if (!output().includes(` generation '${generation}'\n`)) throw new Error(`not printed yet: ${output()}`);
  });
}
