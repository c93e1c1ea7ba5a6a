// Every order of events, up to a depth: from each moment that was reached, whatever may happen next happens. Breadth
// first, so that what breaks is reached by the shortest way.

import { calm } from './orders-calm.ts';
import { Life, type Setting, type Step } from './orders-life.ts';

export interface Found {
  readonly states: number;
  readonly transitions: number;
  /** The steps of the longest way that was gone to its end. */
  readonly depth: number;
  /** The longest that it took, in the world's time, until all was well again. */
  readonly calmMs: number;
  readonly violation: Violation | undefined;
}

export interface Violation {
  readonly what: string;
  readonly steps: readonly Step[];
  readonly transcript: readonly string[];
}

export interface Limits {
  readonly depth: number;
  /** No further depth is begun after so many. */
  readonly transitions: number;
}

/** A moment that was reached: by which step, from where. */
interface Moment {
  readonly from: Moment | undefined;
  readonly step: Step;
  readonly options: readonly Step[];
}

export function everyOrder(setting: Setting, limits: Limits): Found {
  const search = new Search(setting);
  let depth = 0;
  while (depth < limits.depth && search.transitions < limits.transitions) {
    search.deepen();
    if (search.violation !== undefined) break;
    depth += 1;
  }
  const { states, transitions, calmMs, violation } = search;
  return { states, transitions, depth, calmMs, violation };
}

class Search {
  transitions = 0;
  calmMs = 0;
  violation: Violation | undefined;
  readonly #setting: Setting;
  readonly #seen = new Set<string>();
  #edge: readonly Moment[];

  constructor(setting: Setting) {
    this.#setting = setting;
    const life = new Life(setting);
    this.#seen.add(life.key());
    this.#edge = [{ from: undefined, step: '', options: life.options() }];
  }

  get states(): number {
    return this.#seen.size;
  }

  deepen(): void {
    const next: Moment[] = [];
    for (const moment of this.#edge) {
      const steps = stepsTo(moment);
      for (const option of moment.options) this.#try(moment, steps, option, next);
      if (this.violation !== undefined) return;
    }
    this.#edge = next;
  }

  /** Then the same with each call that may fail failing, and each two of them. */
  #try(from: Moment, steps: readonly Step[], step: Step, next: Moment[]): void {
    if (this.violation !== undefined) return;
    const life = new Life(this.#setting, steps);
    life.take(step);
    const { calls } = life.world;
    this.transitions += 1;
    this.#arrive(life, { from, step }, next);
    const last = Number(step.split('!').at(1) === undefined ? -1 : step.split('!').at(-1));
    for (let call = last + 1; call < calls; call++) this.#try(from, steps, `${step}!${call}`, next);
  }

  #arrive(life: Life, { from, step }: Pick<Moment, 'from' | 'step'>, next: Moment[]): void {
    if (life.violation !== undefined) return this.#report(life, life.violation);
    const key = life.key();
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    if (life.outcome !== undefined) return;
    next.push({ from, step, options: life.options() });
    const { violation, tookMs } = calm(life);
    this.calmMs = Math.max(this.calmMs, tookMs);
    if (violation !== undefined) this.#report(life, violation);
  }

  #report({ steps }: Life, what: string): void {
    const { world } = new Life(this.#setting, steps, true);
    this.violation = { what, steps, transcript: world.transcript };
  }
}

function stepsTo(moment: Moment): readonly Step[] {
  const steps: Step[] = [];
  for (let each: Moment | undefined = moment; each?.from !== undefined; each = each.from)
    steps.unshift(each.step);
  return steps;
}
