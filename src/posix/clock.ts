/**
 * Milliseconds of CLOCK_MONOTONIC, which does not begin anew with a successor. Not `performance`: loading
 * that takes a millisecond of every start.
 */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** A timer of Node's fires at once when it is given more. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls `act` in that many milliseconds, however many they are. */
export function after(ms: number, act: () => void): Disposable {
  const due = now() + ms;
  const arm = (leftMs: number): NodeJS.Timeout => setTimeout(ring, Math.min(leftMs, LONGEST_TIMER_MS));
  const ring = () => {
    const leftMs = Math.ceil(due - now());
    if (leftMs <= 0) act();
    else timer = arm(leftMs);
  };
  let timer = arm(ms);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
