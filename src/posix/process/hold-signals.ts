// Signals held back while the successor replaces this program by execve(2): blocked, they wait in the
// process, and the new program inherits both, the mask and what waits. A signal goes to any thread that does not block it,
// so all of them have to; a mask being a thread's own affair, each one is sent a signal whose handler sees to that.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { closeQuietly } from '../file/descriptor.ts';
import { memoryFile } from '../file/memory-file.ts';
import {
  clearInt,
  intAt,
  loadLibrary,
  sigaction,
  signalAction,
  signalMask,
  signalThread,
  symbolAddress,
} from '../libc/libc-upgrade.ts';
import { BLOCK, HOLD, holdLibrary } from './hold-library.ts';
import { everySignal, ignoreSignal, maskOf, signalNumber, signalSet } from './signals.ts';

const [SIG_BLOCK, SIG_UNBLOCK] = [0, 1];
/** A real-time signal that neither the C library (32 to 34) nor Node uses. */
const ASK_TO_BLOCK = 40;

/** Not to be blocked at all; faults, which would only be hidden; and what the library needs for itself. */
const LEFT = new Set([
  ...(
    ['SIGKILL', 'SIGSTOP', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGSYS'] as const
  ).map(signalNumber),
  ...[32, 33, 34],
]);
const held = everySignal.filter((signal) => signal < ASK_TO_BLOCK && !LEFT.has(signal));

const heldMask = maskOf(held);

/** A thread takes a signal within microseconds, when it gets a processor. */
const PATIENCE_MS = 1000;

/**
 * Holds them until it is disposed of, or, when execve succeeds, until the new program calls `releaseSignals`. Throws Error
 * when that is not possible here.
 */
export function holdSignals(): Disposable {
  const action = signalAction(blockingHandler(), signalSet(everySignal));
  // This thread first: those that it starts from now on block them from birth.
  signalMask(SIG_BLOCK, signalSet(held), null);
  const release = () => {
    signalMask(SIG_UNBLOCK, signalSet(held), null);
    // Or a stray one would make us deaf.
    ignoreSignal(ASK_TO_BLOCK);
  };
  try {
    sigaction(ASK_TO_BLOCK, action, null);
    const listening = readdirSync('/proc/self/task')
      .map((name) => `task/${name}`)
      .filter(takesSignals);
    for (const thread of listening) signalThread(numberOf(thread), ASK_TO_BLOCK);
    for (const end = performance.now() + PATIENCE_MS; listening.some(takesSignals); ) {
      if (performance.now() > end) throw new Error('one of its threads does not answer');
    }
  } catch (error) {
    release();
    throw error;
  }
  // The other threads may go on without signals: this one is enough to take them.
  return { [Symbol.dispose]: release };
}

/** The library that a program has to be started with to keep them held. Throws Error where there is none. */
export function libraryFile(): number {
  const bytes = process.platform === 'linux' ? holdLibrary(heldMask) : undefined;
  if (bytes === undefined) throw new Error(`not possible on ${process.platform} ${process.arch}`);
  return memoryFile('start-server-hold', bytes);
}

/** A program that took over itself has the library already. */
function blockingHandler(): bigint {
  const ours = symbolAddress(BLOCK);
  if (ours !== undefined) return ours;
  const file = libraryFile();
  try {
    return symbolAddress(BLOCK, loadLibrary(`/proc/self/fd/${file}`)) ?? 0n;
  } finally {
    closeQuietly(file);
  }
}

/** Whether a program that is started with them blocked still blocks them: only then can it take over. */
export function areSignalsHeld(): boolean {
  return existsSync('/proc/self') && !takesSignals('.') && symbolAddress(HOLD) !== undefined;
}

/** Whether a predecessor has started us with them held, and they have not been released yet. */
export function stillHoldsSignals(): boolean {
  const hold = symbolAddress(HOLD);
  return hold !== undefined && intAt(hold) !== 0;
}

/** In the new program, once it listens: what was held back comes now. */
export function releaseSignals(): void {
  const hold = symbolAddress(HOLD);
  // First, for it may fail: then they are held still.
  signalMask(SIG_UNBLOCK, signalSet(held), null);
  if (hold !== undefined) clearInt(hold);
}

/** `thread`: its directory in /proc/self. One that has ended takes none. */
function takesSignals(thread: string): boolean {
  const mask = /^SigBlk:\s*(\w+)/m.exec(statusOf(thread))?.[1];
  return mask !== undefined && (BigInt(`0x${mask}`) & heldMask) !== heldMask;
}

/** /proc may count as an outer PID namespace does; in the thread's own it has the last of its numbers. */
function numberOf(thread: string): number {
  return Number(/^NSpid:.*\s(\d+)$/m.exec(statusOf(thread))?.[1] ?? basename(thread));
}

function statusOf(thread: string): string {
  try {
    return readFileSync(`/proc/self/${thread}/status`, 'latin1');
  } catch {
    return '';
  }
}
