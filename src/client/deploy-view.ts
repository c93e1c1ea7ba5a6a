// How a deploy looks to the client that asked for it, put together from the superdaemon's events. Events that it does not
// know, of a newer superdaemon, say nothing to it.

import { poolView } from '../control/pool-view.ts';
import type { LeftReport } from '../control/reports.ts';
import { workerActivity } from '../control/worker-activity.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { attempts, keptWords } from '../superdaemon/log-words.ts';
import { type LeftView, leftView } from './left-view.ts';

export type DeployResult =
  /** `outcome` in words. */
  | { readonly kind: 'done'; readonly outcome: string }
  /** `incomplete`: the new generation serves, but not alone, or not with all of its workers. */
  | { readonly kind: 'failed' | 'incomplete'; readonly reason: string };

export interface DeployView {
  take(event: LogEvent): void;
  /** undefined: it is still going on. */
  result(): DeployResult | undefined;
  /** What it waits for. */
  describe(): string;
}

export interface DeployWishes {
  /** The number that `request-accepted` has for us. */
  readonly request: number;
  /** Done only when the old generation has gone, too. */
  readonly waitOld: boolean;
  /** What dead workers had left behind before. */
  readonly left: readonly LeftReport[];
}

export function deployView(wishes: DeployWishes): DeployView {
  return new View(wishes);
}

class View implements DeployView {
  readonly #wishes: DeployWishes;
  readonly #pool = poolView();
  readonly #left: LeftView;
  readonly #leaving = new Set<number>();
  /** Those whose own process has ended, and not all that they have started. */
  readonly #outlived = new Set<number>();
  /** Ours, or any after it. */
  #deploy = Number.POSITIVE_INFINITY;
  /** What it has brought, in words. */
  #started: string | undefined;
  #failure: string | undefined;
  #activity = 'the request has not been taken up yet';
  /** The newest generation that it has been about. */
  #newest = 0;

  constructor(wishes: DeployWishes) {
    this.#wishes = wishes;
    this.#left = leftView(wishes.left);
  }

  take(event: LogEvent): void {
    this.#left.take(event);
    this.#pool.take(event);
    this.#seen(event);
    switch (event.event) {
      case 'request-accepted':
      case 'request-refused':
        return this.#answered(event);
      case 'deployed':
        return this.#deployed(event);
      case 'worker-outlived':
        this.#outlived.add(event.pid);
        return;
      case 'worker-late':
      case 'worker-failed-to-start':
      case 'worker-died':
        if (!this.#outlived.has(event.pid)) this.#leaving.delete(event.pid);
        return;
      case 'worker-tree-ended':
        this.#leaving.delete(event.pid);
        return;
      case 'slot-rolled':
        for (const pid of event.oldPids) this.#leaving.add(pid);
        return;
      case 'canary-refused':
      case 'check-refused':
      case 'given-up':
        if (event.deploy >= this.#deploy && this.#started === undefined) this.#failure = failureOf(event);
    }
  }

  result(): DeployResult | undefined {
    if (this.#failure !== undefined) return { kind: 'failed', reason: this.#failure };
    const outcome = this.#started;
    if (outcome === undefined) return undefined;
    if (!this.#wishes.waitOld) return { kind: 'done', outcome };
    if (this.#leaving.size > 0 || this.#left.isUnsure()) return undefined;
    const stays = this.#left.describe();
    if (stays === undefined) return { kind: 'done', outcome };
    return { kind: 'incomplete', reason: `${stays}, and may answer beside the new generation` };
  }

  describe(): string {
    return this.#started === undefined
      ? this.#pool.describe() + this.#activity
      : `the old generation has not gone, pid ${[...this.#leaving].join(', ')}`;
  }

  /** An old worker that crashes meanwhile, and its replacement, are not what the deploy waits for. */
  #seen(event: LogEvent): void {
    const activity = workerActivity(event);
    const generation = 'generation' in event ? event.generation : 0;
    if (activity === undefined || generation < this.#newest) return;
    this.#activity = activity;
    this.#newest = generation;
  }

  #answered(event: Answered): void {
    if (event.request !== this.#wishes.request) return;
    if (event.event === 'request-accepted') this.#deploy = event.deploy;
    else this.#failure = event.reason;
  }

  #deployed({ deploy, generation, pid, leaving }: Deployed): void {
    if (deploy === undefined || deploy < this.#deploy) return;
    this.#started = `deployed: generation ${generation}, ${this.#pool.describeSize() ?? `pid ${pid}`}`;
    for (const pid of leaving) this.#leaving.add(pid);
  }
}

type Answered = Extract<LogEvent, { event: 'request-accepted' | 'request-refused' }>;
type Deployed = Extract<LogEvent, { event: 'deployed' }>;

type Failure = Extract<LogEvent, { event: 'check-refused' | 'canary-refused' | 'given-up' }>;

function failureOf(event: Failure): string {
  switch (event.event) {
    case 'check-refused':
      return `${event.reason}; nothing was started, generation ${event.keeps} keeps serving`;
    case 'canary-refused':
      return `${event.reason}; generation ${event.keeps} keeps serving, untouched`;
    case 'given-up':
      return `gave up after ${attempts(event)}, ${keptWords(event)}: ${event.reason}`;
  }
}
