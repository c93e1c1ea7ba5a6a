import { describe, expect, it } from 'vitest';
import { readMessage, readWords } from '../../src/workers/notify-words.ts';

describe('words on the pipe', () => {
  it.each([
    ['\n', 'ready'],
    ['READY=1', 'ready'],
    ['READY=1\n', 'ready'],
    ['STATUS=loading\n\n', 'ready'],
    ['STATUS=loading\nREADY=1\n', 'ready'],
    ['STATUS=loading\nMAINPID=7\nREADY=1\n', 'ready'],
    ['MAINPID=7\n', 'waiting'],
    ['MAINPID=0\n', 'foul'],
    ['MAINPID=7x\n\n', 'foul'],
    ['', 'waiting'],
    ['READY', 'waiting'],
    ['STATUS=loading\n', 'waiting'],
    ['READY=10\n', 'foul'],
    ['READY=0\n\n', 'foul'],
    ['hello\n\n', 'foul'],
    [' \n', 'foul'],
    ['x'.repeat(2000), 'foul'],
    [`STATUS=${'x'.repeat(2000)}\n`, 'foul'],
  ] as const)('%j are %s', (text, verdict) => {
    expect(readWords(text).verdict).toBe(verdict);
  });

  it('keep what has no end yet', () => {
    expect(readWords('STATUS=a\nSTATUS=b')).toMatchObject({
      statuses: ['a'],
      mains: [],
      alive: false,
      preloaded: false,
      verdict: 'waiting',
      rest: 'STATUS=b',
    });
  });

  it('may name the processes that serve', () => {
    expect(readWords('MAINPID=7\nMAINPID=8\nREADY=1\n').mains).toEqual([7, 8]);
    expect(readWords('STATUS=a\n\n').mains).toEqual([]);
  });

  it('say that the worker lives, before and after it is ready', () => {
    const first = readWords('WATCHDOG=1\n\nWATCHDOG=1\nSTATUS=b\nWATCH');
    expect(first).toMatchObject({ alive: true, verdict: 'ready', rest: 'WATCHDOG=1\nSTATUS=b\nWATCH' });
    const second = readWords(first.rest);
    expect(second).toMatchObject({ statuses: ['b'], alive: true, verdict: 'waiting', rest: 'WATCH' });
    expect(readWords('STATUS=b\n').alive).toBe(false);
    expect(readWords('WATCHDOG=trigger\n').verdict).toBe('foul');
  });

  it('cannot control a terminal', () => {
    expect(readWords('STATUS=a\u001b[31mb\u0007\n').statuses).toEqual(['a [31mb ']);
  });
});

describe('a message to the socket', () => {
  it('may name the process that serves, and a later word counts', () => {
    expect(readMessage('MAINPID=7\nMAINPID=8\nMAINPID=x').mains).toEqual([8]);
    expect(readMessage('READY=1').mains).toEqual([]);
  });

  it.each([
    ['READY=1', true],
    ['MAINPID=7\nREADY=1\nSTATUS=fine\n', true, 'fine'],
    ['STATUS=one\nSTATUS=two', false, 'one', 'two'],
    ['READY=10', false],
    ['XREADY=1', false],
    ['READY=1 ', false],
    ['', false],
  ] as const)('%j', (text, ready, ...statuses) => {
    expect(readMessage(text)).toMatchObject({ ready, alive: false, statuses });
  });

  it('may say that the worker lives', () => {
    expect(readMessage('WATCHDOG=1')).toMatchObject({ ready: false, alive: true, statuses: [] });
    expect(readMessage('WATCHDOG=10\nREADY=1').alive).toBe(false);
  });
});
