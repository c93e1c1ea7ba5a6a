// A row's samples boiled down: medians, the ratio, and whether the goal is met.
import type { Goal, Row } from './rig.ts';
import { type Summary, summarize } from './statistics.ts';

export type Verdict = {
  readonly row: Row;
  readonly ours: Summary | undefined;
  readonly reference: Summary | undefined;
  readonly floor: Summary | undefined;
  readonly ratio: number | undefined;
  /** Nothing without a goal, or when its other side was not measured. */
  readonly met: boolean | undefined;
};

export function judge(row: Row): Verdict {
  const ours = summarize(row.samples.ours);
  const reference = summarize(row.samples.reference);
  const floor = summarize(row.samples.floor);
  const ratio = quotient(ours, reference);
  return { row, ours, reference, floor, ratio, met: row.goal && meets(row.goal, { ours, reference, floor }) };
}

export function goalText(goal: Goal): string {
  switch (goal.kind) {
    case 'ratio to reference':
      return `≤ ${goal.atMost} of reference`;
    case 'value':
      return `≤ ${goal.atMost}`;
    case 'above floor':
      return `≤ floor + ${goal.atMost}`;
    case 'share of floor':
      return `≥ ${goal.atLeast} of floor`;
    case 'share of reference':
      return `≥ ${goal.atLeast} of reference`;
    default:
      return goal satisfies never;
  }
}

type Sides = Pick<Verdict, 'ours' | 'reference' | 'floor'>;

function meets(goal: Goal, { ours, reference, floor }: Sides): boolean | undefined {
  switch (goal.kind) {
    case 'ratio to reference':
      return compare(quotient(ours, reference), (ratio) => ratio <= goal.atMost);
    case 'value':
      return compare(ours?.median, (value) => value <= goal.atMost);
    case 'above floor':
      return compare(ours && floor && ours.median - floor.median, (value) => value <= goal.atMost);
    case 'share of floor':
      return compare(quotient(ours, floor), (ratio) => ratio >= goal.atLeast);
    case 'share of reference':
      return compare(quotient(ours, reference), (ratio) => ratio >= goal.atLeast);
    default:
      return goal satisfies never;
  }
}

function compare(value: number | undefined, test: (value: number) => boolean): boolean | undefined {
  return value === undefined ? undefined : test(value);
}

function quotient(above: Summary | undefined, below: Summary | undefined): number | undefined {
  return above && below && below.median !== 0 ? above.median / below.median : undefined;
}
