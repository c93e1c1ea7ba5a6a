/**
 * Milliseconds of CLOCK_MONOTONIC, which does not begin anew with a program that takes over. Not `performance`: loading
 * that takes a millisecond of every start.
 */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
