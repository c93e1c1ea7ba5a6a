// How a deploy looks to a client that waits for all workers of the pool: where that is to have another size with it, they come
// behind the deploy.

import type { LogEvent } from '../superdaemon/log-event.ts';
import type { DeployResult, DeployView } from './deploy-view.ts';
import { keepsFailing } from './scale-view.ts';

interface Deploying {
  /** The number that `request-accepted` has for us. */
  readonly request: number;
  readonly deploy: DeployView;
}

export function wholePoolView(deploying: Deploying): DeployView {
  return new View(deploying);
}

class View implements DeployView {
  readonly #request: number;
  readonly #deploy: DeployView;
  #isPool = false;
  /** Of the pool that was deployed. */
  #allStarted = false;
  /** The generation that was deployed. */
  #serves = 0;
  #lasting: string | undefined;

  constructor({ request, deploy }: Deploying) {
    this.#request = request;
    this.#deploy = deploy;
  }

  take(event: LogEvent): void {
    this.#deploy.take(event);
    switch (event.event) {
      case 'request-accepted':
        if (event.request === this.#request) this.#isPool = event.workers !== undefined;
        return;
      case 'deployed':
        this.#serves = event.generation;
        this.#allStarted = false;
        this.#lasting = undefined;
        return;
      case 'worker-keeps-failing':
        this.#lasting = keepsFailing(event);
        return;
      case 'all-started':
        this.#allStarted = true;
    }
  }

  result(): DeployResult | undefined {
    const result = this.#deploy.result();
    if (result?.kind !== 'done' || !this.#isPool || this.#allStarted) return result;
    if (this.#lasting === undefined) return undefined;
    return { kind: 'incomplete', reason: `generation ${this.#serves} serves, but ${this.#lasting}` };
  }

  describe(): string {
    return this.#deploy.result() === undefined
      ? this.#deploy.describe()
      : 'not all of its workers have started';
  }
}
