// Who lives when: a lane each, bars in it, and the moments at which something happens.
import { type Colour, line, rect, svg, text } from './svg.ts';

export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly colour: Colour;
  readonly text?: string;
}

export interface Timeline {
  readonly title: string;
  /** How long it lasts, in the unit of its bars and moments. */
  readonly until: number;
  readonly lanes: readonly { readonly name: string; readonly bars: readonly Bar[] }[];
  readonly moments: readonly { readonly at: number; readonly text: string }[];
  readonly note: string;
}

const [width, left, right] = [760, 140, 24];
const [top, lane, gap] = [56, 28, 12];

export function timeline({ title, until, lanes, moments, note }: Timeline): string {
  const at = (time: number) => left + (time / until) * (width - left - right);
  const bottom = top + lanes.length * (lane + gap);
  const body = [
    ...moments.flatMap((moment) => [
      line([at(moment.at), 34], [at(moment.at), bottom - 4], 'line-edge'),
      text(moment.text, { x: at(moment.at), y: 26, anchor: 'middle', look: 'mono ink' }),
    ]),
    ...lanes.flatMap(({ name, bars }, index) => {
      const y = top + index * (lane + gap);
      return [text(name, { x: 20, y: y + 19, look: 'ink' }), ...bars.flatMap((bar) => drawBar(bar, y, at))];
    }),
    text(note, { x: 20, y: bottom + 18, look: 'dim' }),
  ];
  return svg({ title, width, height: bottom + 36, body });
}

function drawBar(bar: Bar, y: number, at: (time: number) => number): string[] {
  const [x, end] = [at(bar.from), at(bar.to)];
  const box = rect({ x, y, width: end - x, height: lane, colour: bar.colour, edge: bar.colour });
  if (bar.text === undefined) return [box];
  const fits = end - x > bar.text.length * 7;
  const words = fits
    ? text(bar.text, { x: (x + end) / 2, y: y + 18.5, anchor: 'middle', look: 'small on' })
    : text(bar.text, { x: x - 6, y: y + 18.5, anchor: 'end', look: 'small ink' });
  return [box, words];
}
