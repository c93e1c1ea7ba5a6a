// The few words of SVG that the pictures need. Colours are classes, so that a dark screen gets others.

const colours = {
  paper: ['#ffffff', '#161b22'],
  ink: ['#1f2328', '#e6edf3'],
  dim: ['#59636e', '#9198a1'],
  line: ['#d1d9e0', '#3d444d'],
  old: ['#818b98', '#656c76'],
  new: ['#1a7f37', '#2ea043'],
  next: ['#8250df', '#8957e5'],
  other: ['#59636e', '#4d5560'],
  socket: ['#0969da', '#1f6feb'],
  bad: ['#cf222e', '#da3633'],
  on: ['#ffffff', '#ffffff'],
} as const;

export type Colour = keyof typeof colours;

export interface Picture {
  /** What it shows, for those who cannot see it. */
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly body: readonly string[];
}

export function svg({ title, width, height, body }: Picture): string {
  const shown = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${shown} role="img" xml:space="preserve">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style()}</style>`,
    rect({ x: 0.5, y: 0.5, width: width - 1, height: height - 1, colour: 'paper', radius: 8 }),
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

function style(): string {
  const rules = (dark: 0 | 1) =>
    Object.entries(colours).map(
      ([name, shades]) => `.${name}{fill:${shades[dark]}}.${name}-edge{stroke:${shades[dark]}}`,
    );
  const fonts = [
    'text{font:13px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;white-space:pre}',
    '.mono{font:12.5px ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace}',
    '.bold{font-weight:600}.small{font-size:12px}.dashed{stroke-dasharray:5 4}',
  ];
  return [...fonts, ...rules(0), '@media(prefers-color-scheme:dark){', ...rules(1), '}'].join('');
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly colour: Colour;
  readonly edge?: Colour;
  readonly radius?: number;
}

export function rect({ x, y, width, height, colour, edge = 'line', radius = 4 }: Box): string {
  const place = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
  return `<rect ${place} rx="${radius}" class="${colour} ${edge}-edge"/>`;
}

export interface Words {
  readonly x: number;
  readonly y: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Class names: a colour, `mono`, `bold`, `small`. */
  readonly look?: string;
}

export function text(words: string, { x, y, anchor = 'start', look = 'ink' }: Words): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" class="${look}">${escaped(words)}</text>`;
}

export function line(from: readonly [number, number], to: readonly [number, number], look: string): string {
  const [[x1, y1], [x2, y2]] = [from.map(round), to.map(round)];
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="${look}"/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
