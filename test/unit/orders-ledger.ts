// What was asked for, and how it has ended, as the log says it.

import type { Deploy } from '../../src/superdaemon/candidate.ts';
import { numberOf } from '../../src/superdaemon/deploy.ts';
import type { Event } from '../../src/superdaemon/host.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import type { Observer } from './scenario.ts';

export class OrdersLedger implements Partial<Observer> {
  /** The last deploy that was begun. */
  begun = 0;
  /** Those that were given up or refused. */
  readonly lost = new Set<number>();
  #requests: readonly number[] = [];
  /** HUP or a request has come, and no deploy has begun since. */
  #isAsked = false;

  event(event: Event): void {
    if (event.kind === 'request') this.#isAsked = true;
    if (event.kind === 'signal' && event.signal === 'SIGHUP') this.#isAsked = true;
  }

  logged(entry: LogEvent): void {
    switch (entry.event) {
      case 'hup':
      case 'auto-restart':
        return this.#begins(entry.deploy);
      case 'request-accepted':
        this.#requests = [...this.#requests, entry.deploy];
        return;
      case 'deployed':
        return this.#answer(entry.deploy);
      case 'given-up':
      case 'check-refused':
      case 'canary-refused':
        if (entry.deploy > this.begun) this.#begins(entry.deploy);
        this.lost.add(entry.deploy);
        return this.#answer(entry.deploy);
    }
  }

  complaint(): string | undefined {
    if (this.#isAsked) return 'a deploy that was asked for has never begun';
    if (this.#requests.length > 0) return `leaves ${this.#requests.join()} without an answer`;
    return undefined;
  }

  /** Whether the last deploy and the one that serves were given up: what of it the rest depends on. */
  key(current: Deploy | undefined): readonly unknown[] {
    return [this.lost.has(this.begun), this.lost.has(numberOf(current?.ordinal ?? 0))];
  }

  /** What is to come yet, a bit each: a deploy, an answer with the one that was begun, an answer with the next one. */
  get owed(): number {
    const areNow = this.#requests.some((deploy) => deploy <= this.begun);
    const areNext = this.#requests.some((deploy) => deploy > this.begun);
    return (this.#isAsked ? 1 : 0) + (areNow ? 2 : 0) + (areNext ? 4 : 0);
  }

  #begins(deploy: number): void {
    this.begun = deploy;
    this.#isAsked = false;
  }

  #answer(deploy: number | undefined): void {
    this.#requests = this.#requests.filter((each) => deploy === undefined || each > deploy);
  }
}
