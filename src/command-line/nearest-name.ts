/** The name that was meant, maybe: the one with the fewest letters to insert, remove or change, a few at most. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  if (typed.length > LONGEST) return undefined;
  // A third of the letters, or two; but something of a short one has to be right.
  let most = Math.min(Math.max(2, Math.floor(typed.length / 3)), typed.length - 2);
  let nearest: string | undefined;
  for (const name of names) {
    const distance = editDistance(typed, name);
    if (distance > most) continue;
    nearest = name;
    most = distance - 1;
  }
  return nearest;
}

/** No name is that long, and the work grows with it. */
const LONGEST = 100;

/** Levenshtein's, row by row. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const change = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(change, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
