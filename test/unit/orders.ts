// Every order of events, up to a depth: from each moment that was reached, whatever may happen next happens. Breadth
// first, so that what breaks is reached by the shortest way.

import { difference, moreFailing } from './orders-alike.ts';
import { Calms } from './orders-calm.ts';
import { Life, lived } from './orders-life.ts';
import { OrdersSeen } from './orders-seen.ts';
import type { Setting, Step } from './orders-steps.ts';

/** Of so many moments that were taken for one that was seen before one is looked at. */
const SAMPLED = 500;

export interface Found {
  readonly states: number;
  readonly transitions: number;
  /** The steps of the longest way that was gone to its end. */
  readonly depth: number;
  /** The longest that it took, in the world's time, until all was well again. */
  readonly calmMs: number;
  /** So many moments that were taken for one seen before were looked at, whether they go on as that one does. */
  readonly compared: number;
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
}

export function everyOrder(setting: Setting, limits: Limits): Found {
  const search = new Search(setting);
  let depth = 0;
  while (depth < limits.depth && search.transitions < limits.transitions) {
    search.deepen();
    if (search.violation !== undefined) break;
    depth += 1;
  }
  const { states, transitions, calmMs, compared, violation } = search;
  return { states, transitions, depth, calmMs, compared, violation };
}

class Search {
  transitions = 0;
  calmMs = 0;
  /** Of moments that were taken for one. */
  compared = 0;
  violation: Violation | undefined;
  readonly #setting: Setting;
  readonly #seen = new OrdersSeen<Moment>();
  readonly #calms = new Calms();
  #merged = 0;
  #edge: readonly Moment[];
  /** From where a life was gone on with last. */
  #last: { readonly moment: Moment; readonly life: Life } | undefined;

  /** From the start, and from where all is well. */
  constructor(setting: Setting) {
    this.#setting = setting;
    const life = new Life(setting);
    const start: Moment = { from: undefined, step: '' };
    this.#seen.set(life, start);
    this.#rest(life);
    const well = life.steps.reduce<Moment>((from, step) => ({ from, step }), start);
    this.#seen.set(life, well);
    this.#edge = [start, well];
  }

  get states(): number {
    return this.#seen.size;
  }

  deepen(): void {
    const next: Moment[] = [];
    for (const moment of this.#edge) {
      const life = this.#lifeAt(moment);
      for (const option of life.options()) this.#try(life, moment, option, next);
      if (this.violation !== undefined) return;
    }
    this.#edge = next;
  }

  /** Those that are a step from the same moment come one after the other. */
  #lifeAt({ from, step }: Moment): Life {
    if (from === undefined) return new Life(this.#setting);
    if (this.#last?.moment !== from) {
      this.#last = { moment: from, life: lived(this.#setting, stepsTo(from)) };
    }
    const life = this.#last.life.fork();
    life.take(step);
    return life;
  }

  /** Then the same with each call that may fail failing, and each two of them. */
  #try(before: Life, from: Moment, step: Step, next: Moment[]): void {
    if (this.violation !== undefined) return;
    const life = before.fork();
    life.take(step);
    const { calls } = life.world;
    this.transitions += 1;
    this.#arrive(life, { from, step }, next);
    for (const failing of moreFailing(step, calls)) this.#try(before, from, failing, next);
  }

  #arrive(life: Life, moment: Moment, next: Moment[]): void {
    if (life.violation !== undefined) return this.#report(life.steps, life.violation);
    const same = this.#seen.get(life);
    if (same !== undefined) return this.#compare(life, same);
    this.#seen.set(life, moment);
    if (life.outcome !== undefined) return;
    next.push(moment);
    this.#rest(life);
  }

  #rest(life: Life): void {
    const { violation, tookMs } = this.#calms.calm(life);
    this.calmMs = Math.max(this.calmMs, tookMs);
    if (violation !== undefined) this.#report(life.steps, violation);
  }

  #compare(life: Life, same: Moment): void {
    this.#merged += 1;
    if (this.#merged % SAMPLED !== 0) return;
    this.compared += 1;
    const other = lived(this.#setting, stepsTo(same));
    const what = difference(life, other);
    if (what === undefined) return;
    this.#report(life.steps, `is taken for ${JSON.stringify(other.steps)}, and yet ${what}`);
  }

  #report(steps: readonly Step[], what: string): void {
    const { world } = lived(this.#setting, steps, true);
    this.violation = { what, steps, transcript: world.transcript };
  }
}

function stepsTo(moment: Moment): readonly Step[] {
  const steps: Step[] = [];
  for (let each: Moment | undefined = moment; each?.from !== undefined; each = each.from)
    steps.push(each.step);
  return steps.reverse();
}
