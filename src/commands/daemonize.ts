// --daemonize: the same command once more in a session of its own, and an honest answer: we return 0 only when it has
// bound its sockets, written its pid file and spawned its first worker.

import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { toBytes } from '../posix/bytes.ts';
import { type Caller, handOn } from '../posix/caller.ts';
import { closeQuietly } from '../posix/descriptor.ts';
import { ownProgram } from '../posix/own-program.ts';
import { pipe } from '../posix/pipe.ts';
import { everySignal } from '../posix/signals.ts';
import { prepareSpawn } from '../posix/spawn.ts';
import { activationForDaemon } from '../sockets/activation.ts';
import { environmentStrings } from '../workers/worker-environment.ts';

/** Started in the background by a session leader that ends, it can never get a controlling terminal. */
const IN_BACKGROUND = '"$@" &';
const SERVING = 'serving';

/** Returns the exit status. What went wrong the daemon itself has told on our standard error. */
export function daemonize(caller: Caller): number {
  const ends = pipe();
  const report = freeNumber(caller.descriptors);
  const spawn = prepareSpawn({
    descriptors: [
      { from: openSync('/dev/null', 'r'), to: 0 },
      { from: 1, to: 1 },
      { from: 2, to: 2 },
      { from: ends.write, to: report },
    ],
    defaultSignals: everySignal,
    blockedSignals: [],
    openFilesLimit: caller.openFilesLimit,
    newSession: true,
  });
  spawn({
    file: toBytes('/bin/sh'),
    argv: ['sh', '-c', IN_BACKGROUND, 'sh', ...ownProgram(), ...caller.words].map(toBytes),
    env: environmentStrings(handOn(activationForDaemon(caller), report)),
  });
  closeQuietly(ends.write);
  return readToEnd(ends.read) === SERVING ? 0 : 1;
}

/** Tells the launcher, which waits at this pipe, that all is well. */
export function reportServing(launcher: number): void {
  try {
    writeSync(launcher, SERVING);
  } catch {
    // It did not wait.
  }
  closeSync(launcher);
}

function freeNumber(taken: readonly number[]): number {
  let fd = 3;
  while (taken.includes(fd)) fd++;
  return fd;
}

function readToEnd(fd: number): string {
  const block = Buffer.alloc(64);
  let text = '';
  for (let length = readSync(fd, block); length > 0; length = readSync(fd, block)) {
    text += block.toString('latin1', 0, length);
  }
  return text;
}
