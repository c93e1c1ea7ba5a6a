// How the library and the preload (inherit/) find each other in a process: each is bundled by itself.

export interface Preload {
  /** See `ready`. */
  ready(status?: string): boolean;
  /** The program listens by the library, so it says `ready` itself: only it knows when its caches are warm. */
  leaveReadyToProgram(): void;
}

const KEY = Symbol.for('superdaemon.inherit');

/** The one that is there; `made`: from now on. */
export function preload(made?: Preload): Preload | undefined {
  const global = globalThis as { [KEY]?: Preload }; // What TypeScript cannot know of.
  if (made !== undefined) global[KEY] = made;
  return global[KEY];
}
