// How scaling looks to the client that asked for it, put together from the superdaemon's events.

import { sizeInWords } from '../control/pool-view.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import type { DeployResult, DeployView } from './deploy-view.ts';

/** `request`: the number that `scale-accepted` has for us. */
export function scaleView(request: number): DeployView {
  return new View(request);
}

class View implements DeployView {
  readonly #request: number;
  readonly #leaving = new Set<number>();
  /** What we are to have; somebody else's word may come after ours, or the size that a deploy brings. */
  #target: number | undefined;
  #allStarted = false;
  #failure: string | undefined;
  #activity = 'the request has not been taken up yet';

  constructor(request: number) {
    this.#request = request;
  }

  take(event: LogEvent): void {
    switch (event.event) {
      case 'request-refused':
        if (event.request === this.#request) this.#failure = event.reason;
        return;
      case 'scale-accepted':
        return this.#accepted(event.request, event.workers);
      case 'worker-signalled':
        if (this.#target !== undefined && (event.worker ?? 0) >= this.#target) this.#leaving.add(event.pid);
        return;
      case 'worker-starting':
        this.#activity = `worker ${event.worker ?? 0} is to start`;
        return;
      case 'worker-died':
      case 'worker-failed-to-start':
        this.#leaving.delete(event.pid);
        return;
      case 'worker-keeps-failing':
        this.#failure = keepsFailing(event);
        return;
      case 'scaled':
        return this.#resized(event.to);
      case 'all-started':
        // Never said before all scaling has been done.
        this.#resized(event.workers);
        this.#allStarted = this.#target !== undefined;
    }
  }

  result(): DeployResult | undefined {
    if (this.#failure !== undefined) return { kind: 'failed', reason: this.#failure };
    if (this.#target === undefined || !this.#allStarted || this.#leaving.size > 0) return undefined;
    return { kind: 'done', outcome: `scaled: ${sizeInWords(this.#target)}` };
  }

  describe(): string {
    return this.#allStarted
      ? `superfluous workers have not gone, pid ${[...this.#leaving].join(', ')}`
      : this.#activity;
  }

  #resized(workers: number): void {
    if (this.#target !== undefined) this.#target = workers;
  }

  #accepted(request: number, workers: number): void {
    if (request === this.#request) {
      this.#target = workers;
      this.#activity = `${workers} workers are asked for`;
    } else if (this.#target !== undefined && this.#target !== workers) {
      this.#failure = `another client has asked for ${workers} workers`;
    }
  }
}

export function keepsFailing({
  worker,
  attempts,
  reason,
}: Extract<LogEvent, { event: 'worker-keeps-failing' }>): string {
  const often = attempts === 1 ? 'once' : `${attempts} times`;
  return `worker ${worker} has failed to start ${often}, and is tried on: ${reason}`;
}
