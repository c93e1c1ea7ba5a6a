// The witness of clients: each request is accepted at once, and in the end answered by a deploy that began after it.

import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import type { Attempt, Table } from './storm-table.ts';

interface Accepted {
  readonly deploy: number;
  /** The attempt that was made before it came. */
  readonly nth: number;
}

export class RequestWitness {
  readonly #table: Table;
  #heard: number[] = [];
  #accepted: readonly Accepted[] = [];
  #lastDeploy = 0;

  constructor(table: Table) {
    this.#table = table;
  }

  heard(request: number): void {
    this.#heard.push(request);
  }

  logged(entry: LogEvent, attempt: Attempt): void {
    switch (entry.event) {
      case 'request-accepted':
        return this.#accept(entry, attempt);
      case 'deployed':
        this.#answer(entry.deploy, this.#table.serving?.attempt ?? attempt);
        return;
      case 'check-refused':
      case 'given-up':
        this.#answer(entry.deploy, attempt);
    }
  }

  #accept({ request, deploy }: { request: number; deploy: number }, { nth }: Attempt): void {
    this.#table.check(this.#heard.shift() === request, `accepts ${request}, which did not come`);
    this.#table.check(deploy >= this.#lastDeploy, `serves ${request} by ${deploy}, earlier than the last`);
    this.#lastDeploy = deploy;
    this.#accepted = [...this.#accepted, { deploy, nth }];
  }

  #answer(deploy: number | undefined, attempt: Attempt): void {
    const answered = this.#accepted.filter((each) => deploy !== undefined && each.deploy <= deploy);
    this.#accepted = this.#accepted.filter((each) => !answered.includes(each));
    for (const { nth, deploy: own } of answered) {
      this.#table.check(attempt.nth > nth, `answers ${own} by an attempt that was made before`);
      const checked = attempt.checked || !this.#table.policy.hasCheck;
      this.#table.check(checked, `answers ${own} by a worker that nobody checked`);
    }
  }

  /** `underWay`: something will happen that may answer. */
  waiting(underWay: boolean): void {
    this.#table.check(this.#heard.length === 0, `does not accept ${this.#heard.join()}`);
    const numbers = this.#accepted.map(({ deploy }) => deploy).join();
    this.#table.check(numbers === '' || underWay, `leaves those who wait for ${numbers} without an answer`);
  }
}
