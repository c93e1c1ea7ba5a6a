// How a deploy looks to the client that asked for it, put together from the superdaemon's events. Events that it does not
// know, of a newer superdaemon, say nothing to it.

import type { LeftReport } from '../control/protocol.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { logLine } from '../superdaemon/log-line.ts';
import { keptWords } from '../superdaemon/log-words.ts';
import { leftView } from './left-view.ts';
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

export function deployView({ request, waitOld, left: before }: DeployWishes): DeployView {
  /** Ours, or any after it. */
  let deploy = Number.POSITIVE_INFINITY;
  let started = false;
  let failure: string | undefined;
  let activity = 'the request has not been taken up yet';
  const leaving = new Set<number>();
  /** Slots. */
  const rolled = new Set<number>();
  const pool = poolView();
  const left = leftView(before);
  const failed = (of: number, reason: string) => {
    if (of >= deploy && !started) failure = reason;
  };
  return {
    take: (event) => {
      left.take(event);
      pool.take(event);
      switch (event.event) {
        case 'request-accepted':
          if (event.request === request) deploy = event.deploy;
          return;
        case 'request-refused':
          if (event.request === request) failure = event.reason;
          return;
        case 'checking':
          activity = `the check for generation ${event.generation} is running`;
          return;
        case 'worker-starting':
          activity = `generation ${event.generation}, ${nameOf(event)}, is starting`;
          return;
        case 'worker-late':
        case 'worker-failed-to-start':
          leaving.delete(event.pid);
          activity = `generation ${event.generation}, ${nameOf(event)}, has failed to start`;
          return;
        case 'deployed':
          if (event.deploy === undefined || event.deploy < deploy) return;
          started = true;
          for (const pid of event.leaving) leaving.add(pid);
          return;
        case 'worker-died':
          leaving.delete(event.pid);
          return;
        case 'check-refused':
          return failed(
            event.deploy,
            `${event.reason}; nothing was started, generation ${event.keeps} keeps serving`,
          );
        case 'slot-rolled':
          if (event.worker !== undefined) rolled.add(event.worker);
          for (const pid of event.oldPids) leaving.add(pid);
          activity = `${rolled.size} rolled, the next is waiting for room`;
          return;
        case 'canary-started':
        case 'canary-checking':
          activity = logLine(event) ?? activity;
          return;
        case 'canary-refused':
          return failed(event.deploy, `${event.reason}; generation ${event.keeps} keeps serving, untouched`);
        case 'given-up':
          return failed(
            event.deploy,
            `gave up after ${attemptsOf(event)}, ${keptWords(event)}: ${event.reason}`,
          );
      }
    },
    result: () => {
      if (failure !== undefined) return { kind: 'failed', reason: failure };
      if (started && !waitOld) return { kind: 'done' };
      if (!started || leaving.size > 0 || left.isUnsure()) return undefined;
      const stays = left.describe();
      return stays === undefined
        ? { kind: 'done' }
        : { kind: 'incomplete', reason: `${stays}, and answers beside the new generation` };
    },
    describe: () =>
      started
        ? `the old generation has not gone, pid ${[...leaving].join(', ')}`
        : pool.describe() + activity,
  };
}

function nameOf({ worker, pid }: { readonly worker?: number | undefined; readonly pid: number }): string {
  return worker === undefined ? `pid ${pid}` : `worker ${worker}, pid ${pid}`;
}

/** … of worker 2, in a pool. */
function attemptsOf({ attempts, worker }: { readonly attempts: number; readonly worker?: number }): string {
  return `${attempts} attempts${worker === undefined ? '' : ` of worker ${worker}`}`;
}
