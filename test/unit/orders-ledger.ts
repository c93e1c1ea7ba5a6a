// What was asked for, and how it has ended, as the log says it.

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

  /** What of it bears on what is yet to come. */
  key(): readonly unknown[] {
    const outstanding = new Set(this.#requests.map((deploy) => deploy - this.begun));
    return [this.#isAsked, this.lost.has(this.begun), [...outstanding]];
  }

  #begins(deploy: number): void {
    this.begun = deploy;
    this.#isAsked = false;
  }

  #answer(deploy: number | undefined): void {
    this.#requests = this.#requests.filter((each) => deploy === undefined || each > deploy);
  }
}
