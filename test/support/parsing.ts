// What is asked of whoever reads text that comes from outside: that it is understood, or refused in words that were
// promised, and soon.

import { StartupError } from '../../src/startup-error.ts';

/** Of a slow machine, too. */
const MOST_MS = 2000;

/** Throws Error for what takes the processor longer than what grows with the text's length alone. */
export function soon<Result>(act: () => Result): Result {
  const before = process.cpuUsage();
  const result = act();
  const { user, system } = process.cpuUsage(before);
  const tookMs = (user + system) / 1000;
  if (tookMs > MOST_MS) throw new Error(`it took ${Math.round(tookMs)} ms of a processor`);
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
