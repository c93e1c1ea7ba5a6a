import { eventually } from './eventually.ts';
import type { Superdaemon } from './superdaemon.ts';
import { liveWorkers } from './worker-tree.ts';

/** Sends one more HUP and waits until a generation newer than all before is left alone, in all slots; its number. */
export async function lastDeploy(
  superdaemon: Superdaemon,
  published: () => number[],
  workers = 1,
): Promise<number> {
  const before = {
    started: started(superdaemon),
    newest: Math.max(0, ...published().filter(Number.isFinite)),
  };
  superdaemon.signal('SIGHUP');
  return eventually(
    () => {
      const generations = published();
      const [newest = 0] = generations;
      const live = liveWorkers(superdaemon).length;
      const isLast = started(superdaemon) > before.started && newest > before.newest;
      const isAlone = generations.length === workers && generations.every((each) => each === newest);
      if (!isLast || !isAlone || live !== workers) {
        throw new Error(`generations ${published()}, ${live} workers after HUP\n${superdaemon.log()}`);
      }
      return newest;
    },
    { withinMs: 30_000 },
  );
}

function started({ log }: Superdaemon): number {
  return log().match(/^starting new worker \d+$/gm)?.length ?? 0;
}
