/** What has been acquired: as with `using` (Node 20 has no DisposableStack), but it can also all be left as it is. */
export interface Acquired {
  own<Thing extends Disposable | undefined>(thing: Thing): Thing;
  /** Then a failure releases nothing: their sockets and files are what they can be recovered by. */
  workersMayLive: boolean;
}

/** Runs `act`, and releases in reverse what it has acquired. */
export async function releasing(
  workersMayLive: boolean,
  act: (acquired: Acquired) => Promise<void>,
): Promise<void> {
  const things: Disposable[] = [];
  const acquired: Acquired = {
    own: (thing) => {
      if (thing !== undefined) things.push(thing);
      return thing;
    },
    workersMayLive,
  };
  try {
    await act(acquired);
    acquired.workersMayLive = false;
  } finally {
    if (!acquired.workersMayLive) releaseAll(things.reverse());
  }
}

/** What one of them throws keeps none of the others. */
function releaseAll([first, ...others]: readonly Disposable[]): void {
  if (first === undefined) return;
  try {
    first[Symbol.dispose]();
  } finally {
    releaseAll(others);
  }
}
