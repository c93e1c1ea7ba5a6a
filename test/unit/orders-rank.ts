/** The place of a number among its like, in their order. */
export type Rank = (number: number | undefined) => number | undefined;

export function ranked(numbers: readonly (number | undefined)[]): Rank {
  const sorted = [...new Set(numbers.filter((each) => each !== undefined))].sort((a, b) => a - b);
  return (number) => (number === undefined ? undefined : sorted.indexOf(number));
}
