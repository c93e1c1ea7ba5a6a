// Signals, deaths and the alarm of the next deadline, as one queue of events: the only place that listens for signals.

import { LONGEST_TIMER_MS, now } from '../posix/clock.ts';
import { platform } from '../posix/libc/platform.ts';
import { everySignal, ignoreSignal, signalNumber } from '../posix/process/signals.ts';
import { reap, reapStrangers } from '../posix/process/wait.ts';
import type { Event, Signal } from '../superdaemon/host.ts';

/** With the raw wait status; undefined where nobody can tell. */
type Died = (status: number | undefined) => void;

/** Listens until the process ends: a signal that nobody hears any more would kill it in the middle of its last steps. */
export interface EventQueue {
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** From now on the death of this child of ours is an event, or, with `died`, that call and no event. */
  /** The first signal that asks us to end: nobody who awaits anything before the loop runs is to be deaf to it. */
  readonly toldToEnd: Promise<Signal>;
  watch(pid: number, died?: Died): void;
  /** Puts what happened elsewhere into the queue. */
  push(event: Event): void;
  /** Watched, and not reaped yet: the pid is still its own. */
  isOurs(pid: number): boolean;
  /** See Host.nextEvent. */
  next(deadline: number): Promise<Event>;
  /** The events that nobody has taken, for a program that takes over. */
  handOver(): readonly Event[];
}

/** These are events; the loop knows what they mean. */
const TAKEN = ['SIGHUP', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGUSR2'] as const;
/** These of them ask us to end. */
const ENDING: ReadonlySet<Signal> = new Set(['SIGTERM', 'SIGINT', 'SIGQUIT']);
/** The reference listens for these in any case; any other that the caller ignores stays ignored, here and in the workers. */
const ALWAYS_TAKEN = ['SIGHUP', 'SIGTERM', 'SIGINT', 'SIGALRM', 'SIGCHLD'] as const;

/** Where there is a pool, these scale it; otherwise they are job control's. */
export const SCALING = ['SIGTTIN', 'SIGTTOU'] as const;

export interface QueueOptions {
  readonly alsoTaken?: readonly (typeof SCALING)[number][];
  /** Signal numbers. */
  readonly ignoredByCaller: readonly number[];
  /** Called on SIGUSR1, which is no event: it changes nothing for the workers that live. */
  readonly reopenLog: () => void;
  /** A fault that costs one look at the children; the next one comes with the next SIGCHLD or deadline. */
  readonly report: (error: unknown) => void;
  /** Those that another program of this process has left, and with them perhaps children that nobody watches now. */
  readonly inherited: readonly Event[] | undefined;
}

export function eventQueue(options: QueueOptions): EventQueue {
  const { ignoredByCaller, alsoTaken = [], reopenLog, report, inherited } = options;
  const queue: Event[] = [...(inherited ?? [])];
  const watched = new Map<number, Died>();
  /** Whoever waits for an event takes one. */
  let wake = nobodyWaits;

  const push = (event: Event) => {
    queue.push(event);
    wake();
  };
  const reapAll = () => {
    for (const [pid, died] of watched) {
      const death = reap(pid);
      if (death === undefined) continue;
      watched.delete(pid);
      died(death.status);
    }
    // As PID 1 we inherit every orphan of the namespace; otherwise no child of this program's is a stranger.
    if (process.pid === 1 || inherited !== undefined) reapStrangers((pid) => !watched.has(pid));
  };
  const look = () => {
    try {
      reapAll();
    } catch (error) {
      report(error);
    }
  };
  let end = (_: Signal) => {};
  const toldToEnd = new Promise<Signal>((resolve) => {
    end = resolve;
  });
  listen(ignoredByCaller, {
    signals: [...TAKEN, ...alsoTaken],
    taken: (signal) => {
      push({ kind: 'signal', signal });
      if (ENDING.has(signal)) end(signal);
    },
    childDied: () => {
      look();
      wake();
    },
    reopenLog,
  });

  // Signal listeners alone do not keep Node running.
  setInterval(() => {}, LONGEST_TIMER_MS);
  const take = (deadline: number): Event | undefined => {
    if (queue.length === 0 && now() >= deadline) look();
    return queue.shift() ?? (now() >= deadline ? { kind: 'deadline' } : undefined);
  };
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

  return {
    now,
    watch: (pid, died = (status) => void queue.push({ kind: 'death', pid, status })) => {
      watched.set(pid, died);
    },
    toldToEnd,
    push,
    handOver: () => queue,
    isOurs: (pid) => watched.has(pid),
    next: (deadline) => {
      const event = take(deadline);
      return event === undefined ? sleepUntil(deadline) : Promise.resolve(event);
    },
  };
}

function nobodyWaits(): void {}

/**
 * Their default would end us and orphan the workers, and no one who sends them means that. Not the ones that say that a
 * program is broken (ABRT, SEGV …): a watchdog ends a hanging one so, and gets its core.
 */
function strayTerminating(): number[] {
  const named = STRAY.map(signalNumber).filter((signal) => !Number.isNaN(signal));
  const realTime = everySignal.filter((signal) => signal > platform.lastReservedSignal);
  return [...named, ...realTime];
}

const STRAY = [
  'SIGALRM',
  'SIGVTALRM',
  'SIGPROF',
  'SIGIO',
  'SIGPWR',
  'SIGSTKFLT',
  'SIGXCPU',
  'SIGXFSZ',
] as const;

interface Listeners {
  readonly signals: readonly Taken[];
  readonly taken: (signal: Taken) => void;
  readonly childDied: () => void;
  readonly reopenLog: () => void;
}

type Taken = (typeof TAKEN | typeof SCALING)[number];

function listen(
  ignoredByCaller: readonly number[],
  { signals, taken, childDied, reopenLog }: Listeners,
): void {
  const listeners = new Map<NodeJS.Signals, () => void>([
    ['SIGCHLD', childDied],
    ['SIGUSR1', reopenLog],
  ]);
  for (const signal of signals) listeners.set(signal, () => taken(signal));
  const ignored = ignoredByCaller.filter((signal) => !ALWAYS_TAKEN.map(signalNumber).includes(signal));
  for (const signal of new Set([...ignored, ...strayTerminating()])) ignoreSignal(signal);
  for (const [signal, listener] of listeners) {
    if (!ignored.includes(signalNumber(signal))) process.on(signal, listener);
  }
}
