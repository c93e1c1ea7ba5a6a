// Lines of text for a terminal, or for whoever reads instead of one.

/** Select Graphic Rendition. */
const SGR = { bold: 1, red: 31, green: 32, yellow: 33, grey: 90 } as const;
export type Style = keyof typeof SGR;

export interface Piece {
  readonly text: string;
  readonly style?: Style;
}

export type Line = readonly Piece[];

export interface Look {
  readonly colour: boolean;
  /** Of the screen: what is wider is cut off. */
  readonly columns?: number;
}

export function rendered(line: Line, { colour, columns = Number.POSITIVE_INFINITY }: Look): string {
  let room = columns;
  return line
    .map(({ text, style }) => {
      const shown = text.length <= room ? text : [...text].slice(0, room).join('');
      room -= shown.length;
      return colour && style !== undefined ? `\u001b[${SGR[style]}m${shown}\u001b[0m` : shown;
    })
    .join('');
}
