// The witness of a pool's canary: it is alone, and nothing comes of its deploy before it has shown what it is worth.

import type { Event } from '../../src/superdaemon/host.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import type { PoolTable, Row } from './storm-pool-table.ts';

export class PoolCanary {
  readonly #table: PoolTable;
  #canary: { readonly row: Row; readonly since: number; verdict: 'open' | 'passed' | 'refused' } | undefined;
  /** The pids of canaries whose check has passed. */
  readonly #judged = new Set<number>();
  /** While the deploy was under way nobody of the current generation served. */
  #waived = false;

  constructor(table: PoolTable) {
    this.#table = table;
  }

  /** After its death is known. */
  event(event: Event): void {
    if (event.kind === 'judged' && event.refusal === undefined && this.#canary !== undefined)
      this.#judged.add(this.#canary.row.pid);
    if (event.kind === 'death') this.waive();
  }

  /** Any worker is better than none. */
  waive(): void {
    this.#waived ||= this.#table.serving().every(({ generation }) => generation !== this.#table.current);
  }

  /** Whether this generation still has to show what it is worth. */
  isOnTrial(generation: number, now: number): boolean {
    const { policy, current } = this.#table;
    if (policy.canaryMs === undefined || current === 0) return false;
    if (this.#waived || generation <= current) return false;
    if (this.#canary?.row.generation !== generation) return true;
    if (this.#canary.verdict !== 'open') return this.#canary.verdict === 'refused';
    return policy.hasCanaryCheck || now < this.#canary.since + policy.canaryMs;
  }

  isRefused({ generation }: Row): boolean {
    return this.#canary?.verdict === 'refused' && this.#canary.row.generation === generation;
  }

  spawning(generation: number, now: number): void {
    const isAlone = this.#table.living().every((row) => row.generation !== generation);
    this.#check(
      isAlone || !this.isOnTrial(generation, now),
      `starts more of ${generation} before its verdict`,
    );
  }

  /** Returns whether it is to show first what it is worth. */
  started(row: Row, now: number): boolean {
    this.waive();
    if (!this.isOnTrial(row.generation, now)) return false;
    this.#canary = { row, since: now, verdict: 'open' };
    return true;
  }

  logged(entry: LogEvent, now: number): void {
    switch (entry.event) {
      case 'hup':
      case 'auto-restart':
        this.#canary = undefined;
        this.#waived = false;
        return this.waive();
      case 'canary-passed':
        if (this.#canary?.verdict === 'open') this.#canary.verdict = 'passed';
        return this.#check(this.#mayPass(entry.pid, now), `passes ${entry.pid} before its time`);
      case 'canary-skipped':
        return this.#check(this.#waived, `asks nothing of ${entry.generation} while somebody old serves`);
      case 'canary-refused':
        if (this.#canary !== undefined) this.#canary.verdict = 'refused';
        return this.#check(entry.generation === this.#canary?.row.generation, `refuses ${entry.generation}`);
      case 'deployed': {
        const isEarly = this.isOnTrial(entry.generation, now);
        return this.#check(!isEarly, `deployed ${entry.generation} before its canary was judged`);
      }
    }
  }

  #mayPass(pid: number, now: number): boolean {
    const { canaryMs = 0, hasCanaryCheck } = this.#table.policy;
    if (this.#canary?.row.pid !== pid || now < this.#canary.since + canaryMs) return false;
    return !hasCanaryCheck || this.#judged.has(pid);
  }

  #check(holds: boolean, violation: string): void {
    this.#table.check(holds, violation);
  }
}
