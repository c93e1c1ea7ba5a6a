import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { signalNumbers } from '../../src/posix/libc/signal-list.ts';
import { everySignal, parseSignal, signalNumber, signalSet } from '../../src/posix/process/signals.ts';

describe('a signal', () => {
  it('has the number that Node knows it by', () => {
    for (const [name, number] of Object.entries(constants.signals))
      expect(signalNumbers(process.platform).get(name), name).toBe(number);
  });

  it('of macOS has the one of its SDK', () => {
    const numbers = signalNumbers('darwin');
    const known = { SIGBUS: 10, SIGSYS: 12, SIGURG: 16, SIGTSTP: 18, SIGCONT: 19, SIGCHLD: 20, SIGIO: 23 };
    const others = {
      SIGIOT: 6,
      SIGTERM: 15,
      SIGTTOU: 22,
      SIGWINCH: 28,
      SIGINFO: 29,
      SIGUSR1: 30,
      SIGUSR2: 31,
    };
    expect(Object.fromEntries(numbers)).toMatchObject({ ...known, ...others });
    expect(numbers.size).toBe(32);
  });

  it.each([
    ['TERM', 'SIGTERM', 15],
    ['term', 'SIGTERM', 15],
    ['SIGTERM', 'SIGTERM', 15],
    ['sigTerm', 'SIGTERM', 15],
    ['QUIT', 'SIGQUIT', 3],
    ['USR2', 'SIGUSR2', constants.signals.SIGUSR2],
    ['winch', 'SIGWINCH', constants.signals.SIGWINCH],
    ['15', 'SIG15', 15],
    ['1', 'SIG1', 1],
    ['64', 'SIG64', 64],
  ] as const)('may be given as %s', (text, name, number) => {
    expect(parseSignal(text)).toBe(name);
    expect(signalNumber(name)).toBe(number);
  });

  it.each([
    '',
    'SIG',
    'FOO',
    '0',
    '65',
    '-9',
    '+9',
    '09',
    'SIG15',
    'SIGSIGTERM',
    'TERM ',
    '1.5',
    'toString',
  ])('is not %j', (text) => {
    expect(parseSignal(text)).toBeUndefined();
  });
});

describe('a set of signals', () => {
  it('has bit n-1 for signal n, as sigset_t does', () => {
    expect(signalSet([]).every((byte) => byte === 0)).toBe(true);
    expect(signalSet([1, 9, 16]).subarray(0, 3).toString('hex')).toBe('018100');
    expect(signalSet([15, 15]).readUInt32LE()).toBe(1 << 14);
  });

  it('has room for every signal', () => {
    const bits = Array.from(signalSet(everySignal), (byte) => byte.toString(2).replaceAll('0', '').length);
    expect(bits.reduce((sum, each) => sum + each, 0)).toBe(everySignal.length);
    expect(everySignal).toEqual(expect.arrayContaining(Object.values(constants.signals)));
  });
});
