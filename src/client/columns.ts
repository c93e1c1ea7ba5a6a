export interface Heading {
  readonly name: string;
  readonly right?: true;
}

/** The headings and the rows, in columns. One that is empty but for its heading is left out. */
export function inColumns(headings: readonly Heading[], rows: readonly (readonly string[])[]): string[] {
  const kept = headings.map((_, column) => rows.some((row) => row[column] !== ''));
  const all = [headings.map(({ name }) => name), ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return headings[column]?.right ? cell.padStart(width) : cell.padEnd(width);
    });
    return cells
      .filter((_, column) => kept[column])
      .join('  ')
      .trimEnd();
  });
}
