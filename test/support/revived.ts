import { processTree } from './process-tree.ts';
import { type Superdaemon, type SuperdaemonOptions, startSuperdaemon } from './superdaemon.ts';
import type { Told } from './told.ts';

export interface Revived extends AsyncDisposable {
  /** The one that runs. */
  readonly superdaemon: () => Superdaemon;
  /** Ends it by SIGKILL and gives the same command again at once. */
  readonly kill: () => Promise<Superdaemon>;
  /** What all of them have told of themselves so far. */
  readonly told: () => readonly Told[];
  /** All that lives of all of them. */
  readonly processes: () => number[];
}

/** A command that is given once more each time its superdaemon is killed. */
export function startRevived(args: readonly string[], options: SuperdaemonOptions = {}): Revived {
  const tree = processTree();
  const start = () => startSuperdaemon(args, { ...options, tree });
  let current = start();
  const all = [current];
  return {
    superdaemon: () => current,
    kill: async () => {
      current.signal('SIGKILL');
      await current.exit;
      current = start();
      all.push(current);
      return current;
    },
    told: () => all.flatMap((each) => each.told()),
    processes: tree.pids,
    [Symbol.asyncDispose]: async () => {
      for (const each of all) await each[Symbol.asyncDispose]();
    },
  };
}
