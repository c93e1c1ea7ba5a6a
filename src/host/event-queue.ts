// Signals, deaths and the alarm of the next deadline, as one queue of events.

import { LONGEST_TIMER_MS, now } from '../posix/clock.ts';
import { reap, reapStrangers } from '../posix/process/wait.ts';
import type { Event, Signal } from '../superdaemon/host.ts';
import { ENDING, listenForSignals, type SCALING, TAKEN } from './signal-listeners.ts';
import { stopSignal } from './stop-signal.ts';

/** With the raw wait status; undefined where nobody can tell. */
type Died = (status: number | undefined) => void;

/** Listens until the process ends: a signal that nobody hears any more would kill it in the middle of its last steps. */
export interface EventQueue {
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** What comes first: nobody who awaits anything before the loop runs is to be deaf to a signal that asks us to end. */
  orStop<Result>(act: Promise<Result>): Promise<Result | Signal>;
  /** From now on the death of this child of ours is an event, or, with `died`, that call and no event. */
  watch(pid: number, died?: Died): void;
  /** Puts what happened elsewhere into the queue. */
  push(event: Event): void;
  /** `look`: for words that wait to be read, before a deadline is reported; as for deaths. */
  beforeDeadline(look: () => void): void;
  /** Watched, and not reaped yet: the pid is still its own. */
  isOurs(pid: number): boolean;
  /** See Host.nextEvent. */
  next(deadline: number): Promise<Event>;
  /** The events that nobody has taken, for the successor. */
  forSuccessor(): readonly Event[];
}

export interface QueueOptions {
  /** Those among our descendants come to us. */
  readonly takesInOrphans?: boolean;
  readonly alsoTaken?: readonly (typeof SCALING)[number][];
  /** Signal numbers. */
  readonly ignoredByCaller: readonly number[];
  /** Called on SIGUSR1, which is no event: it changes nothing for the workers that live. */
  readonly reopenLog: () => void;
  /** A fault of who is told of one death, or of the look at it: the others are looked at all the same. */
  readonly report: (error: unknown) => void;
  /** Those that another program of this process has left, and with them perhaps children that nobody watches now. */
  readonly inherited: readonly Event[] | undefined;
}

export function eventQueue(options: QueueOptions): EventQueue {
  const { ignoredByCaller, takesInOrphans = false, alsoTaken = [], reopenLog, report, inherited } = options;
  const queue: Event[] = [...(inherited ?? [])];
  // As PID 1 we inherit every orphan of the namespace; otherwise no child of this program's is a stranger.
  const reapsStrangers = takesInOrphans || process.pid === 1 || inherited !== undefined;
  const children = watchedChildren(reapsStrangers, report);
  let hearWords = () => {};
  const take = (deadline: number): Event | undefined => {
    if (queue.length === 0 && now() >= deadline) {
      children.look();
      hearWords();
    }
    return queue.shift() ?? (now() >= deadline ? { kind: 'deadline' } : undefined);
  };
  const sleeper = eventSleeper(take);
  const push = (event: Event) => {
    queue.push(event);
    sleeper.wake();
  };
  const stop = stopSignal();
  listenForSignals(ignoredByCaller, {
    signals: [...TAKEN, ...alsoTaken],
    taken: (signal) => {
      push({ kind: 'signal', signal });
      if (ENDING.has(signal)) stop.received(signal);
    },
    childDied: () => {
      children.look();
      sleeper.wake();
    },
    reopenLog,
  });
  // Signal listeners alone do not keep Node running.
  setInterval(() => {}, LONGEST_TIMER_MS);
  return {
    now,
    watch: (pid, died = (status) => void queue.push({ kind: 'death', pid, status })) =>
      children.watch(pid, died),
    beforeDeadline: (look) => {
      hearWords = look;
    },
    orStop: stop.or,
    push,
    forSuccessor: () => queue,
    isOurs: children.isWatched,
    next: (deadline) => {
      const event = take(deadline);
      return event === undefined ? sleeper.sleepUntil(deadline) : Promise.resolve(event);
    },
  };
}

function watchedChildren(reapsStrangers: boolean, report: QueueOptions['report']) {
  const watched = new Map<number, Died>();
  const reapOne = (pid: number, died: Died) => {
    const death = reap(pid);
    if (death === undefined) return;
    watched.delete(pid);
    died(death.status);
  };
  const reporting = (act: () => void) => {
    try {
      act();
    } catch (error) {
      report(error);
    }
  };
  return {
    watch: (pid: number, died: Died) => void watched.set(pid, died),
    isWatched: (pid: number) => watched.has(pid),
    look: () => {
      for (const [pid, died] of watched) reporting(() => reapOne(pid, died));
      if (reapsStrangers) reporting(() => reapStrangers((pid) => !watched.has(pid)));
    },
  };
}

/** Whoever waits for an event takes one when he is woken, or at his deadline. */
function eventSleeper(take: (deadline: number) => Event | undefined) {
  let wake = nobodyWaits;
  const sleepUntil = (deadline: number) =>
    new Promise<Event>((resolve) => {
      let alarm: NodeJS.Timeout | undefined;
      const sleep = () => {
        wake = awake;
        if (deadline === Number.POSITIVE_INFINITY) return;
        alarm = setTimeout(awake, Math.min(Math.ceil(deadline - now()), LONGEST_TIMER_MS));
      };
      const awake = () => {
        // A look at the children puts events into the queue, and they must not wake us once more.
        wake = nobodyWaits;
        clearTimeout(alarm);
        const event = take(deadline);
        if (event === undefined) sleep();
        else resolve(event);
      };
      sleep();
    });
  return { wake: () => wake(), sleepUntil };
}

function nobodyWaits(): void {}
