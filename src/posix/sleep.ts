/** Not node:timers/promises: loading it takes longer than most of these sleeps, which hardly ever happen. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
