// The witness of a pool's attempts: which slot gets a worker, under which number, checked or not, and how soon again.

import type { Attempt, LiveGeneration } from '../../src/superdaemon/host.ts';
import type { PoolTable } from './storm-pool-table.ts';

export class PoolAttempts {
  readonly #table: PoolTable;
  /** The last number that was given out. */
  #label = 0;
  readonly #passed = new Set<number>();
  /** Where the workers of each generation run. */
  readonly #directories = new Map<number, string | undefined>();
  readonly #lastSpawnAt = new Map<number, number>();

  constructor(table: PoolTable) {
    this.#table = table;
  }

  survived(workers: readonly LiveGeneration[], last: number): void {
    this.#label = last;
    this.#table.rows = workers.map(({ generation, pid }) => {
      const life = { started: true, signalled: false, killed: false };
      return { generation, worker: 0, pid, isOurs: false, attempt: 0, ...life };
    });
  }

  passed(generation: number): void {
    this.#passed.add(generation);
  }

  checking(generation: number): void {
    const { starting, serving } = this.#looks();
    this.#check(generation === this.#label + 1, `checks ${generation} after ${this.#label}`);
    this.#label = generation;
    this.#check(starting === 0 || serving > 0, 'checks while nobody serves');
  }

  spawning(attempt: Attempt, now: number): void {
    const { policy, stopping, ended } = this.#table;
    const { generation } = attempt;
    this.#check(!stopping && !ended, 'tries a worker although it ends');
    this.#check(
      this.#looks().starting < policy.startAtOnce,
      `${policy.startAtOnce + 1} are starting at once`,
    );
    this.#check(!policy.hasCheck || this.#passed.has(generation), `spawns ${generation} unchecked`);
    this.#check(generation <= this.#label + 1, `${generation} follows ${this.#label}`);
    this.#label = Math.max(this.#label, generation);
    this.#fills(attempt, now);
  }

  #fills({ generation, place, frozen }: Attempt, now: number): void {
    const { worker = -1, workers = 0 } = place ?? {};
    const { wanted, policy } = this.#table;
    this.#check(worker >= 0 && worker < wanted, `slot ${worker} of ${wanted}`);
    this.#check(workers === wanted, `says ${workers} workers, ${wanted} are wanted`);
    const isThere = this.#table
      .living()
      .some((row) => row.generation === generation && row.worker === worker && row.recycledAt === undefined);
    this.#check(!isThere, `${generation}/${worker} has a worker`);
    const directory = this.#directories.get(generation) ?? frozen?.directory;
    this.#directories.set(generation, directory);
    this.#check(frozen?.directory === directory, `${generation} runs in ${frozen?.directory}, too`);
    const spacing = now - (this.#lastSpawnAt.get(worker) ?? Number.NEGATIVE_INFINITY);
    this.#lastSpawnAt.set(worker, now);
    // Where nobody gives up, or a canary is on trial, the slots of the old ones have a pace of their own.
    const hasTwo = policy.maxStartAttempts === 0 || policy.canaryMs !== undefined;
    this.#check(hasTwo || spacing >= policy.intervalMs, `slot ${worker} again after ${spacing} ms`);
  }

  spawned({ generation, place, attempt }: Attempt, pid: number | undefined, now: number): void {
    const worker = place?.worker ?? -1;
    this.#lastSpawnAt.set(worker, now);
    if (pid === undefined) return;
    const life = { started: false, signalled: false, killed: false };
    const row = { generation, worker, pid, isOurs: true, attempt, ...life };
    this.#table.rows = [...this.#table.rows, row];
  }

  #looks() {
    return { starting: this.#table.starting().length, serving: this.#table.serving().length };
  }

  #check(holds: boolean, violation: string): void {
    this.#table.check(holds, violation);
  }
}
