// What is known of moments that were seen. One that owes more, an answer say, and is otherwise the same has at least the
// same to come, so that what is known of it holds.

import type { Life } from './orders-life.ts';

const ALL_OWED = 7;

export class OrdersSeen<Known> {
  readonly #known = new Map<string, Known>();

  get size(): number {
    return this.#known.size;
  }

  get(life: Life): Known | undefined {
    const key = life.key();
    const { owed } = life.ledger;
    for (let more = owed; more <= ALL_OWED; more++) {
      const known = (more & owed) === owed ? this.#known.get(key + more) : undefined;
      if (known !== undefined) return known;
    }
    return undefined;
  }

  set(life: Life, known: Known): void {
    this.at(life)(known);
  }

  /** Sets what is known of where this life is now, later. */
  at(life: Life): (known: Known) => void {
    const key = life.key() + life.ledger.owed;
    return (known) => this.#known.set(key, known);
  }
}
