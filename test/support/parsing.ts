// What is asked of whoever reads text that comes from outside: that it is understood, or refused in words that were
// promised, and soon.

import { StartupError } from '../../src/startup-error.ts';

/** Of a busy machine, too. */
const MOST_MS = 2000;

/** Throws Error for what takes longer than what grows with the text's length alone. */
export function soon<Result>(act: () => Result): Result {
  const before = performance.now();
  const result = act();
  const took = performance.now() - before;
  if (took > MOST_MS) throw new Error(`it took ${Math.round(took)} ms`);
  return result;
}

/** undefined: it was refused, as promised, by words that say what. */
export function orRefused<Result>(what: string, act: () => Result): Result | undefined {
  try {
    return soon(act);
  } catch (error) {
    if (error instanceof StartupError && error.message.includes(what)) return undefined;
    throw error;
  }
}
