// Watches what goes by which command line: nothing of an earlier one is closed while a worker of it lives, and nobody is
// started by one that is closed.

import type { Attempt, Spawned } from '../../src/superdaemon/host.ts';

export class ConfigurationWitness {
  readonly #check: (holds: boolean, violation: string) => void;
  /** By pid. */
  readonly #living = new Map<number, number>();
  #since = 0;
  #closedBefore = 0;

  constructor(check: (holds: boolean, violation: string) => void) {
    this.#check = check;
  }

  reconfigured(since: number): void {
    this.#check(since > this.#since, `deploy ${since} goes by two command lines`);
    this.#since = since;
  }

  spawned({ ordinal }: Attempt, spawned: Spawned): void {
    this.#check(ordinal >= this.#closedBefore, `deploy ${ordinal} goes by what is closed`);
    if (spawned.kind === 'spawned') this.#living.set(spawned.pid, ordinal);
  }

  died(pid: number): void {
    this.#living.delete(pid);
  }

  outdated(ordinal: number): void {
    const bereft = [...this.#living].filter(([, its]) => its < ordinal).map(([pid]) => pid);
    this.#check(bereft.length === 0, `closes what ${bereft.join()} has`);
    this.#closedBefore = ordinal;
  }
}
