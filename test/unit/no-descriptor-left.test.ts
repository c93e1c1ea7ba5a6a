// What is looked at thousands of times in the life of a superdaemon leaves no descriptor open.

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { closeQuietly } from '../../src/posix/file/descriptor.ts';
import { peekPipe } from '../../src/posix/file/peek-pipe.ts';
import { pipe } from '../../src/posix/file/pipe.ts';
import { holdProcess } from '../../src/posix/process/pidfd.ts';
import { socketPair } from '../../src/posix/socket/socket-pair.ts';
import { unixQueues } from '../../src/posix/socket/unix-queues.ts';

const LOOKS = 100;

/** Those that are open now, beside what the test runner opens and closes. */
function leftBy(look: () => void): number {
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  for (let count = 0; count < LOOKS; count += 1) look();
  return open() - before;
}

it('of a pipe whose reader is watched', () => {
  const { read, write } = pipe();
  try {
    expect(leftBy(() => peekPipe(read))).toBeLessThan(LOOKS / 2);
  } finally {
    for (const fd of [read, write]) closeQuietly(fd);
  }
});

it('of a process that is not the one that was meant', () => {
  expect(leftBy(() => expect(holdProcess(process.pid, () => false)).toBeUndefined())).toBeLessThan(LOOKS / 2);
});

it('of a process of which it cannot be told whether it was meant', () => {
  const ask = () => {
    throw new Error('no memory');
  };
  expect(leftBy(() => expect(() => holdProcess(process.pid, ask)).toThrow('no memory'))).toBeLessThan(
    LOOKS / 2,
  );
});

it('of the queues of Unix sockets', () => {
  const pair = socketPair();
  try {
    expect(leftBy(() => unixQueues(pair))).toBeLessThan(LOOKS / 2);
  } finally {
    for (const fd of pair) closeQuietly(fd);
  }
});

it('a process that has ended, and that nobody has reaped yet, is not held', () => {
  const { pid = 0 } = spawn('true');
  // Node reaps it in its next turn.
  while (!/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))) {}
  expect(holdProcess(pid, () => true)).toBeUndefined();
});
