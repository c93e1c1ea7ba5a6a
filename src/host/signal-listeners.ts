// The only place that listens for signals.

import { platform } from '../posix/libc/platform.ts';
import { everySignal, ignoreSignal, signalNumber } from '../posix/process/signals.ts';
import type { Signal } from '../superdaemon/host.ts';

/** These are events; the loop knows what they mean. */
export const TAKEN = ['SIGHUP', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGUSR2'] as const;
/** These of them ask us to end. */
export const ENDING: ReadonlySet<Signal> = new Set(['SIGTERM', 'SIGINT', 'SIGQUIT']);
/** The reference listens for these in any case; any other that the caller ignores stays ignored, here and in the workers. */
const ALWAYS_TAKEN = ['SIGHUP', 'SIGTERM', 'SIGINT', 'SIGALRM', 'SIGCHLD'] as const;

/** Where there is a pool, these scale it; otherwise they are job control's. */
export const SCALING = ['SIGTTIN', 'SIGTTOU'] as const;

export interface Listeners {
  readonly signals: readonly Taken[];
  readonly taken: (signal: Taken) => void;
  readonly childDied: () => void;
  readonly reopenLog: () => void;
}

export type Taken = (typeof TAKEN | typeof SCALING)[number];

/** Until the process ends: a signal that nobody hears any more would kill it in the middle of its last steps. */
export function listenForSignals(
  ignoredByCaller: readonly number[],
  { signals, taken, childDied, reopenLog }: Listeners,
): void {
  const listeners = new Map<NodeJS.Signals, () => void>([
    ['SIGCHLD', childDied],
    ['SIGUSR1', reopenLog],
  ]);
  for (const signal of signals) listeners.set(signal, () => taken(signal));
  const ignored = ignoredByCaller.filter((signal) => !ALWAYS_TAKEN.map(signalNumber).includes(signal));
  for (const signal of new Set([...ignored, ...unlistedTerminating()])) ignoreSignal(signal);
  for (const [signal, listener] of listeners) {
    if (!ignored.includes(signalNumber(signal))) process.on(signal, listener);
  }
}

/**
 * Their default would end us and orphan the workers, and no one who sends them means that. Not the ones that say that a
 * program is broken (ABRT, SEGV …): a watchdog ends a hanging one so, and gets its core.
 */
function unlistedTerminating(): number[] {
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
