// How a change of the options looks to the client that asked for it: the replacement, and the deploy behind it.

import type { LogEvent } from '../superdaemon/log-event.ts';
import type { DeployResult, DeployView } from './deploy-view.ts';

interface Reconfiguring {
  readonly superdaemon: number;
  readonly deploy: DeployView;
}

export function reconfigureView(reconfiguring: Reconfiguring): DeployView {
  return new View(reconfiguring);
}

class View implements DeployView {
  readonly #superdaemon: number;
  readonly #deploy: DeployView;
  #refusal: string | undefined;
  #isNew = false;

  constructor({ superdaemon, deploy }: Reconfiguring) {
    this.#superdaemon = superdaemon;
    this.#deploy = deploy;
  }

  take(event: LogEvent): void {
    this.#deploy.take(event);
    if (event.event === 'upgrade-refused') this.#refusal = event.reason;
    if (event.event === 'reconfigured') this.#isNew = true;
  }

  result(): DeployResult | undefined {
    if (this.#refusal !== undefined) return { kind: 'failed', reason: this.#refusal };
    const result = this.#deploy.result();
    if (result?.kind !== 'failed' || !this.#isNew) return result;
    return { ...result, reason: `the options are new, the workers are not: ${result.reason}` };
  }

  describe(): string {
    return this.#isNew ? this.#deploy.describe() : `superdaemon ${this.#superdaemon} has not been replaced`;
  }
}
