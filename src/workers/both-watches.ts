import type { Watch, WatchCallbacks, WatchWorker } from './readiness.ts';

/** Whether a worker is ready the first one tells alone; what else it has to say, the second. */
export function bothWatches(readiness: WatchWorker, words: WatchWorker): WatchWorker {
  return {
    open: (generation, callbacks) =>
      both(readiness.open(generation, callbacks), words.open(generation, butReady(callbacks))),
    inherit: (pid, inherited, callbacks) =>
      both(readiness.inherit(pid, inherited, callbacks), words.inherit(pid, inherited, butReady(callbacks))),
  };
}

function butReady(callbacks: WatchCallbacks): WatchCallbacks {
  return {
    ready: () => {},
    alive: () => callbacks.alive(),
    replace: () => callbacks.replace(),
    status: (text) => callbacks.status(text),
    main: (pid) => callbacks.main(pid),
    preloaded: () => callbacks.preloaded(),
  };
}

function both(readiness: Watch, words: Watch): Watch {
  return {
    variables: new Map([...readiness.variables, ...words.variables]),
    begin: (pid, environment) => {
      words.begin(pid, environment);
      readiness.begin(pid, environment);
    },
    look: () => words.look(),
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
