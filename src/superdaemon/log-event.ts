// Everything that the superdaemon reports, by stable name. The line that each is in the text log is in log-line.ts.

import type { LiveGeneration, Signal } from './host.ts';

/** A worker; in a pool with its slot. */
type Named = LiveGeneration;

/** How far a deploy has come that goes from slot to slot. */
export interface RolledSoFar {
  readonly workers: number;
  readonly of: number;
  readonly generation: number;
}

export type LogEvent =
  /** The first line; the log begins where the set-up ends. */
  | { readonly event: 'starting'; readonly message: string }
  | { readonly event: 'set-up'; readonly message: string }
  | { readonly event: 'start-failed'; readonly reason: string }
  /** It outlived a superdaemon that was killed, and is an old worker of ours now. */
  | ({ readonly event: 'taken-over' } & Named)
  /** `directory`: its deploy's, where that was looked up once for all of its workers. */
  | ({
      readonly event: 'worker-starting';
      readonly directory?: string;
      /** By a command line before ours, as whom it replaces. */
      readonly earlier?: true;
    } & Named)
  | {
      readonly event: 'spawn-failed';
      readonly generation: number;
      readonly worker?: number;
      readonly reason: string;
      readonly fault?: 'superdaemon';
    }
  | ({ readonly event: 'worker-failed-to-start'; readonly status: number } & Named)
  /** A slot of the pool that serves fails again and again; it is tried on. */
  | {
      readonly event: 'worker-keeps-failing';
      readonly generation: number;
      readonly worker: number;
      readonly attempts: number;
      readonly reason: string;
    }
  | ({
      readonly event: 'worker-died';
      /** undefined: it was adopted, and nobody can tell. */
      readonly status: number | undefined;
      readonly role: 'current' | 'canary' | 'new' | 'old' | 'stopping';
    } & Named)
  /** It serves. The only worker is current now; those of a pool become so together. */
  | ({ readonly event: 'worker-started'; readonly canary?: true } & Named)
  /** All workers of the pool have started. */
  | {
      readonly event: 'all-started';
      readonly generation: number;
      readonly workers: number /** Some are of later generations. */;
      readonly mixed?: true;
    }
  /** Its own words on what it does. */
  | {
      readonly event: 'worker-status';
      readonly generation: number;
      readonly text: string;
      /** In a pool. */
      readonly worker?: number;
      readonly pid?: number;
    }
  /** This process serves, and signals are for it: its wrapper's is the worker's pid. */
  | ({ readonly event: 'worker-main'; readonly main: number } & Named)
  /** It is told to go, for it did not become ready in time. */
  | ({ readonly event: 'worker-late'; readonly timeoutMs: number; readonly signal: Signal } & Named)
  /** It has not said for so long that it lives: it is told to go, and replaced. */
  | ({ readonly event: 'worker-hung'; readonly silentMs: number; readonly signal: Signal } & Named)
  /** Another one of its release is started in its slot, while it serves. */
  | ({
      readonly event: 'recycling';
      readonly reason: 'age' | 'memory' | 'asked';
      readonly ageMs: number;
      readonly memoryBytes?: number;
    } & Named)
  /** That one serves, and it is told to go. */
  | ({ readonly event: 'recycled'; readonly successor: number; readonly signal: Signal } & Named)
  /** That one does not serve: this one stays, and is tried to be replaced again. */
  | ({ readonly event: 'recycle-failed'; readonly reason: string; readonly inMs: number } & Named)
  /** It has been told to go. */
  | ({ readonly event: 'worker-signalled'; readonly signal: Signal } & Named)
  /** It has not gone in time after its signal; `maxOld`: or more than so many of its slot have not. */
  | ({ readonly event: 'worker-killed'; readonly maxOld?: number } & Named)
  /** Its own process has ended; these live on in its place, and are told to go as it was, or would have been. */
  | ({ readonly event: 'worker-outlived'; readonly left: readonly number[] } & Named)
  /** The last of them has gone. */
  | ({ readonly event: 'worker-tree-ended' } & Named)
  /** It is about to be reported dead, and processes that it has started live on with our sockets. */
  | {
      readonly event: 'worker-leaves';
      readonly generation: number;
      readonly pid: number;
      readonly left: readonly number[];
    }
  /** One of them still does so after a moment. */
  | {
      readonly event: 'worker-left-behind';
      readonly generation: number;
      readonly leftBy: number;
      readonly pid: number;
      readonly command: string;
    }
  | { readonly event: 'left-process-ended'; readonly generation: number; readonly pid: number }
  | { readonly event: 'hup'; readonly deploy: number }
  /** A client's request is served by this deploy, or by a later one. */
  | {
      readonly event: 'request-accepted';
      readonly request: number;
      readonly deploy: number;
      /** How many a pool is to have. */
      readonly workers?: number;
    }
  /** The pool is going to have so many workers; `scaled` follows where it has not, and in the end `all-started`. */
  | { readonly event: 'scale-accepted'; readonly request: number; readonly workers: number }
  | { readonly event: 'scaled'; readonly from: number; readonly to: number }
  /** It cannot be: nothing comes of it. */
  | { readonly event: 'request-refused'; readonly request: number; readonly reason: string }
  /** By a client: `given-up` follows, or `request-refused`. */
  | { readonly event: 'cancel-requested'; readonly request: number }
  /** An attempt has failed, or a worker has died: the next one comes in so many milliseconds. */
  | { readonly event: 'retry-scheduled'; readonly inMs: number }
  /** It has a socket that was bound anew; the others of its pool have it with the deploy that follows. */
  | ({ readonly event: 'socket-rebound' } & Named)
  | {
      readonly event: 'auto-restart';
      readonly deploy: number;
      readonly intervalMs: number;
      readonly forced: boolean;
    }
  /** What its workers share was looked up, with its first attempt. */
  | {
      readonly event: 'frozen';
      readonly generation: number;
      readonly directory?: string;
      /** How many the envdir has. */
      readonly variables: number;
    }
  | { readonly event: 'checking'; readonly generation: number }
  /** A line of what the check wrote to its standard error. */
  | { readonly event: 'check-said'; readonly generation: number; readonly line: string }
  | {
      readonly event: 'check-refused';
      readonly deploy: number;
      readonly generation: number;
      readonly reason: string;
      /** The generation that serves on. */
      readonly keeps: number;
    }
  /** It serves beside all old ones, and decides the deploy. */
  | ({ readonly event: 'canary-started'; readonly judgedInMs: number } & Named)
  | ({ readonly event: 'canary-checking' } & Named)
  | ({ readonly event: 'canary-passed' } & Named)
  /** Nobody old serves any more: the deploy goes on at once. */
  | ({ readonly event: 'canary-skipped' } & Named)
  | {
      readonly event: 'canary-refused';
      readonly deploy: number;
      readonly generation: number;
      readonly reason: string;
      readonly keeps: number;
    }
  | {
      readonly event: 'given-up';
      readonly deploy: number;
      readonly attempts: number;
      /** The slot that failed so often, in a pool. */
      readonly worker?: number;
      /** Of the last attempt. */
      readonly reason: string;
      /** The generation that serves on; with `rolled`: in the other slots. */
      readonly keeps: number;
      readonly rolled?: RolledSoFar;
    }
  /** Of a pool: those that have started are told to go, and we end. */
  | {
      readonly event: 'start-given-up';
      readonly attempts: number;
      readonly worker?: number;
      readonly reason: string;
    }
  | {
      readonly event: 'deployed';
      /** undefined: nobody asked for one, it was a worker that died. */
      readonly deploy: number | undefined;
      readonly generation: number;
      readonly pid: number;
      readonly signal: Signal;
      readonly oldPids: readonly number[];
      /** The old ones, and those that were told to go before. */
      readonly leaving: readonly number[];
    }
  /** A slot serves by the new generation, and its old worker is told to go. */
  | ({
      readonly event: 'slot-rolled';
      readonly signal: Signal;
      readonly oldPids: readonly number[];
    } & Named)
  | { readonly event: 'kill-old-delay'; readonly delayMs: number }
  | { readonly event: 'retiring' }
  | {
      readonly event: 'stopping';
      readonly received: Signal;
      readonly signal: Signal;
      readonly pids: readonly number[];
    }
  | { readonly event: 'exiting' }
  | { readonly event: 'upgrade-requested' }
  /** The program on the disk cannot take over; this one goes on. */
  | { readonly event: 'upgrade-refused'; readonly reason: string }
  /** This program has taken over from the one before it. */
  | {
      readonly event: 'upgraded';
      readonly from: string;
      readonly to: string;
      /** The name that led to it; undefined: Node and its script. */
      readonly program: string | undefined;
    }
  /** A client wants other options: `upgrade-refused` follows, or `upgraded` and `reconfigured`. */
  | { readonly event: 'reconfigure-requested'; readonly request: number }
  /** From now on this command line counts; the deploy that follows brings it to the workers. */
  | { readonly event: 'reconfigured'; readonly words: readonly string[] }
  | { readonly event: 'log-reopened' }
  /** To a reader of events alone, that was too slow for so many. */
  | { readonly event: 'events-lost'; readonly lost: number }
  /** A command of --on-event, which heard of that event. */
  | {
      readonly event: 'hook-failed';
      readonly trigger: string;
      readonly command: string;
      readonly reason: string;
    }
  /** So many events that hooks wait for came while too many others waited. */
  | { readonly event: 'hooks-dropped'; readonly count: number }
  | { readonly event: 'warning'; readonly message: string }
  | { readonly event: 'internal-error'; readonly stack: string };

/** A call that the system refuses (of descriptors or of memory there are too few, say) is no fault of ours: a warning. */
export function internalError(error: unknown): LogEvent {
  if (error instanceof Error && 'syscall' in error) {
    return { event: 'warning', message: `the system refuses ${error.syscall}: ${error.message}` };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { event: 'internal-error', stack };
}
