const share = Number(process.env.ROUNDS ?? 0.5);

/** How often a test does again what shows more the more often it is done: half of `all`. ROUNDS=1, as CI has it: all of it. */
export function rounds(all: number): number {
  return Math.ceil(all * share);
}
