// How a deploy looks to the client that asked for it, put together from the superdaemon's events. Events that it does not
// know, of a newer superdaemon, say nothing to it.

import type { LeftReport } from '../control/reports.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { type LeftView, leftView } from './left-view.ts';
import { poolView } from './pool-view.ts';

export type DeployResult =
  | { readonly kind: 'done' }
  /** `incomplete`: the new generation serves, but not alone. */
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
  /** Ours, or any after it. */
  #deploy = Number.POSITIVE_INFINITY;
  #started = false;
  #failure: string | undefined;
  #activity = 'the request has not been taken up yet';

  constructor(wishes: DeployWishes) {
    this.#wishes = wishes;
    this.#left = leftView(wishes.left);
  }

  take(event: LogEvent): void {
    this.#left.take(event);
    this.#pool.take(event);
    this.#activity = activityOf(event) ?? this.#activity;
    switch (event.event) {
      case 'request-accepted':
      case 'request-refused':
        return this.#answered(event);
      case 'deployed':
        return this.#deployed(event);
      case 'worker-late':
      case 'worker-failed-to-start':
      case 'worker-died':
        this.#leaving.delete(event.pid);
        return;
      case 'check-refused':
      case 'given-up':
        if (event.deploy >= this.#deploy && !this.#started) this.#failure = failureOf(event);
    }
  }

  result(): DeployResult | undefined {
    if (this.#failure !== undefined) return { kind: 'failed', reason: this.#failure };
    if (this.#started && !this.#wishes.waitOld) return { kind: 'done' };
    if (!this.#started || this.#leaving.size > 0 || this.#left.isUnsure()) return undefined;
    const stays = this.#left.describe();
    if (stays === undefined) return { kind: 'done' };
    return { kind: 'incomplete', reason: `${stays}, and answers beside the new generation` };
  }

  describe(): string {
    return this.#started
      ? `the old generation has not gone, pid ${[...this.#leaving].join(', ')}`
      : this.#pool.describe() + this.#activity;
  }

  #answered(event: Answered): void {
    if (event.request !== this.#wishes.request) return;
    if (event.event === 'request-accepted') this.#deploy = event.deploy;
    else this.#failure = event.reason;
  }

  #deployed({ deploy, leaving }: Deployed): void {
    if (deploy === undefined || deploy < this.#deploy) return;
    this.#started = true;
    for (const pid of leaving) this.#leaving.add(pid);
  }
}

type Answered = Extract<LogEvent, { event: 'request-accepted' | 'request-refused' }>;
type Deployed = Extract<LogEvent, { event: 'deployed' }>;

/** What is under way since this event; undefined: the same as before. */
function activityOf(event: LogEvent): string | undefined {
  switch (event.event) {
    case 'checking':
      return `the check for generation ${event.generation} is running`;
    case 'worker-starting':
      return `generation ${event.generation}, ${nameOf(event)}, is starting`;
    case 'worker-late':
    case 'worker-failed-to-start':
      return `generation ${event.generation}, ${nameOf(event)}, has failed to start`;
    default:
      return undefined;
  }
}

type Failure = Extract<LogEvent, { event: 'check-refused' | 'given-up' }>;

function failureOf(event: Failure): string {
  const keeps = `generation ${event.keeps} keeps serving`;
  return event.event === 'check-refused'
    ? `${event.reason}; nothing was started, ${keeps}`
    : `gave up after ${attemptsOf(event)}, ${keeps}: ${event.reason}`;
}

function nameOf({ worker, pid }: { readonly worker?: number | undefined; readonly pid: number }): string {
  return worker === undefined ? `pid ${pid}` : `worker ${worker}, pid ${pid}`;
}

/** … of worker 2, in a pool. */
function attemptsOf({ attempts, worker }: { readonly attempts: number; readonly worker?: number }): string {
  return `${attempts} attempts${worker === undefined ? '' : ` of worker ${worker}`}`;
}
