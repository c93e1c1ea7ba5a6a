// How a change of the options looks to the client that asked for it: the replacement, the deploy behind it, and, where a pool is
// to have another size, the workers that come behind that.

import type { LogEvent } from '../superdaemon/log-event.ts';
import type { DeployResult, DeployView } from './deploy-view.ts';
import { keepsFailing } from './scale-view.ts';

interface Reconfiguring {
  readonly superdaemon: number;
  /** The number that `request-accepted` has for us. */
  readonly request: number;
  readonly deploy: DeployView;
}

export function reconfigureView(reconfiguring: Reconfiguring): DeployView {
  return new View(reconfiguring);
}

class View implements DeployView {
  readonly #superdaemon: number;
  readonly #request: number;
  readonly #deploy: DeployView;
  #refusal: string | undefined;
  #isNew = false;
  #isPool = false;
  /** Of the pool that was deployed. */
  #allStarted = false;
  /** The generation that was deployed. */
  #serves = 0;
  #lasting: string | undefined;

  constructor({ superdaemon, request, deploy }: Reconfiguring) {
    this.#superdaemon = superdaemon;
    this.#request = request;
    this.#deploy = deploy;
  }

  take(event: LogEvent): void {
    this.#deploy.take(event);
    switch (event.event) {
      case 'upgrade-refused':
        this.#refusal = event.reason;
        return;
      case 'reconfigured':
        this.#isNew = true;
        return;
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
    if (this.#refusal !== undefined) return { kind: 'failed', reason: this.#refusal };
    const result = this.#deploy.result();
    if (result?.kind === 'failed' && this.#isNew)
      return { ...result, reason: `the options are new, the workers are not: ${result.reason}` };
    if (result?.kind !== 'done' || !this.#isPool || this.#allStarted) return result;
    if (this.#lasting === undefined) return undefined;
    return { kind: 'incomplete', reason: `generation ${this.#serves} serves, but ${this.#lasting}` };
  }

  describe(): string {
    if (!this.#isNew) return `superdaemon ${this.#superdaemon} has not been replaced`;
    return this.#deploy.result() === undefined
      ? this.#deploy.describe()
      : 'not all of its workers have started';
  }
}
