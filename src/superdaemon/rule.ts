import type { Policy } from './host.ts';
import { NEVER, type State } from './state.ts';

export interface Rule {
  /** It is never due where this says no, and is not even asked. */
  isFor?(policy: Policy): boolean;
  /** AT_ONCE where what is observed suffices, NEVER where nothing is to be waited for. */
  dueAt(state: State): number;
  act(state: State): void;
  /**
   * It judges the living by the clock, so it is asked only in the turn of a deadline, when every death up to now has been
   * heard of.
   */
  readonly atDeadline?: true;
  /** Of one worker alone nobody is superfluous: it is asked only where there are more. */
  readonly amongSeveral?: true;
}

export const AT_ONCE = Number.NEGATIVE_INFINITY;

export function when(applies: boolean): number {
  return applies ? AT_ONCE : NEVER;
}

export function earliest<Item>(items: readonly Item[], at: (item: Item) => number): number {
  return items.reduce((first, item) => Math.min(first, at(item)), NEVER);
}
