// Moments that are taken for one must have the same future: whatever may happen next leads to the same moments, and to the
// same deeds on the way.

import type { Life } from './orders-life.ts';
import type { Step } from './orders-steps.ts';

/** undefined: there is none, for one step. */
export function difference(one: Life, other: Life): string | undefined {
  const [ours, theirs] = [futures(one), futures(other)];
  const unlike = ours.find((each) => !theirs.includes(each)) ?? theirs.find((each) => !ours.includes(each));
  return unlike && `only one of them has ${unlike}`;
}

/** The same step with one more of its calls failing that may. */
export function moreFailing(step: Step, calls: number): readonly Step[] {
  const [, ...failing] = step.split('!');
  const from = Number(failing.at(-1) ?? -1) + 1;
  return Array.from({ length: Math.max(0, calls - from) }, (_, index) => `${step}!${from + index}`);
}

/** Whose turn it is, of those that are alike, is no difference. */
function futures(life: Life): readonly string[] {
  return life.options().flatMap((step) => futuresBy(life, step));
}

function futuresBy(before: Life, step: Step): readonly string[] {
  const life = before.fork();
  life.take(step);
  const { calls } = life.world;
  const [what = '', failing] = step.replace(/ \d+/, '').split(/(?=!)/);
  const future = [what, failing, life.violation, life.key()].join(' ');
  return [future, ...moreFailing(step, calls).flatMap((more) => futuresBy(before, more))];
}
