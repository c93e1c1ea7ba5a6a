// Signals by name and number, and sets of them as sigset_t.

import { kill, memory, setSignalAction } from '../libc/libc.ts';
import { type Platform, platform } from '../libc/platform.ts';
import { signalNumbers } from '../libc/signal-list.ts';
import { errorCode } from '../libc/system-error.ts';

/** `SIGTERM`; one given by number keeps it: `SIG15`. */
export type SignalName = `SIG${string}`;

const SIG_IGN = 1;

const numbers = signalNumbers(process.platform);

export const signalNames: readonly string[] = [...numbers.keys()];

/** `TERM`, `sigterm` and `15` are signals; undefined for what names none. */
export function parseSignal(text: string): SignalName | undefined {
  const name: SignalName = `SIG${text.toUpperCase().replace(/^SIG/, '')}`;
  const number = /^[1-9]\d?$/.test(text) ? Number(text) : Number.NaN;
  return numbers.has(name) || number <= platform.lastSignal ? name : undefined;
}

/** The name without `SIG`, as log lines write it. */
function shortName(signal: SignalName): string {
  return signal.slice(3);
}

export function signalNumber(signal: SignalName): number {
  return numbers.get(signal) ?? Number(shortName(signal));
}

/** The usual name where there are several; a number without one is `SIG34`. */
export function signalName(number: number): SignalName {
  const [name] = [...numbers].find(([, each]) => each === number) ?? [];
  return name === undefined ? `SIG${number}` : (name as SignalName);
}

/** sigset_t: bit n-1 stands for signal n. */
export function signalSet(signals: readonly number[], os: Platform = platform): Buffer {
  const set = memory(os.sigsetBytes);
  for (const signal of signals) {
    const byte = (signal - 1) >> 3;
    set[byte] = (set[byte] ?? 0) | (1 << ((signal - 1) & 7));
  }
  return set;
}

/** The signal numbers in a mask as /proc/self/status prints it: hexadecimal, bit n-1 for signal n. */
export function signalsInMask(hexadecimal: string): number[] {
  if (!/^[0-9a-f]+$/i.test(hexadecimal)) return [];
  const signals: number[] = [];
  let mask = BigInt(`0x${hexadecimal}`);
  for (let signal = 1; mask !== 0n; signal += 1) {
    if (mask & 1n) signals.push(signal);
    mask >>= 1n;
  }
  return signals;
}

/** The other way round. */
export function maskOf(signals: readonly number[]): bigint {
  return signals.reduce((mask, signal) => mask | (1n << BigInt(signal - 1)), 0n);
}

export const everySignal: readonly number[] = Array.from(
  { length: platform.lastSignal },
  (_, index) => index + 1,
);

export function ignoreSignal(signal: number): void {
  setSignalAction(signal, SIG_IGN);
}

/** A process that is gone already is forgiven. */
export function sendSignal(pid: number, signal: SignalName): void {
  try {
    kill(pid, signalNumber(signal));
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}
