// What a terminal shows, as a picture.
import { rect, svg, text } from './svg.ts';

const row = 19;

/** Lines that begin with `$ ` are what was typed. */
export function screen(title: string, shown: string): string {
  const lines = shown.trimEnd().split('\n');
  const width = Math.max(560, 40 + Math.ceil(Math.max(...lines.map((each) => each.length)) * 7.55));
  const dots = (['bad', 'old', 'new'] as const).map((colour, index) =>
    rect({ x: 20 + index * 18, y: 16, width: 10, height: 10, colour, edge: colour, radius: 5 }),
  );
  const body = lines.map((each, index) =>
    text(each, { x: 20, y: 54 + index * row, look: each.startsWith('$ ') ? 'mono bold socket' : 'mono ink' }),
  );
  return svg({ title, width, height: 66 + lines.length * row, body: [...dots, ...body] });
}
