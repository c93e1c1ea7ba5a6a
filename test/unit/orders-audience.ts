// Who watches a life hears of everything as it happens; who comes to it later hears all of it once more.

import type { Observer } from './scenario.ts';

export type Telling = (observer: Partial<Observer>, nowMs: number) => void;

interface Told {
  readonly telling: Telling;
  readonly nowMs: number;
}

export class OrdersAudience {
  readonly #observers: readonly Partial<Observer>[];
  readonly #told: Told[];

  /** `before`: of the life up to now. */
  constructor(observers: readonly Partial<Observer>[], before?: OrdersAudience) {
    this.#observers = observers;
    this.#told = before === undefined ? [] : [...before.#told];
    for (const { telling, nowMs } of this.#told) for (const observer of observers) telling(observer, nowMs);
  }

  tell(telling: Telling, nowMs: number): void {
    this.#told.push({ telling, nowMs });
    for (const observer of this.#observers) telling(observer, nowMs);
  }
}
