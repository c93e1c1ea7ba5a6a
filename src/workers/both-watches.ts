import type { Watch, WatchWorker } from './readiness.ts';

/** Whether a worker is ready the first one tells alone; what else it has to say, the second. */
export function bothWatches(readiness: WatchWorker, words: WatchWorker): WatchWorker {
  const unready = () => {};
  return {
    open: (generation, callbacks) =>
      both(readiness.open(generation, callbacks), words.open(generation, { ...callbacks, ready: unready })),
    inherit: (pid, inherited, callbacks) =>
      both(
        readiness.inherit(pid, inherited, callbacks),
        words.inherit(pid, inherited, { ...callbacks, ready: unready }),
      ),
  };
}

function both(readiness: Watch, words: Watch): Watch {
  return {
    variables: new Map([...readiness.variables, ...words.variables]),
    begin: (pid, environment) => {
      words.begin(pid, environment);
      readiness.begin(pid, environment);
    },
    look: words.look,
    forSuccessor: () => {
      readiness.forSuccessor();
      return words.forSuccessor();
    },
    [Symbol.dispose]: () => {
      readiness[Symbol.dispose]();
      words[Symbol.dispose]();
    },
  };
}
