// $NOTIFY_FD: a newline (s6) or `READY=1` on a pipe. Only the worker, and to whom it hands it, has its other end.

import { openSync } from 'node:fs';
import type { Environment } from '../posix/caller.ts';
import { closeQuietly, duplicateTo } from '../posix/descriptor.ts';
import { whenReadable } from '../posix/libc.ts';
import { pipeToWatch, readNow } from '../posix/pipe.ts';
import { park } from '../sockets/fd-table.ts';
import { readWords } from './notify-words.ts';
import type { Saying } from './readiness.ts';

/** Where the spawn finds the pipe's writing end, always, and the number that workers know it by. */
export interface NotifySlot {
  readonly from: number;
  readonly to: number;
  /** What lies in the slot between two spawns. */
  readonly nothing: number;
}

interface NotifyPipe extends Disposable {
  readonly variables: Environment;
  begin(): void;
}

/** `targets`: the numbers of the worker's sockets. */
export function notifySlot(to: number, targets: ReadonlySet<number>): NotifySlot {
  const taken = new Set([...targets, to]);
  const nothing = openSync('/dev/null', 'r');
  return { from: park(openSync('/dev/null', 'r'), to, taken), to, nothing: park(nothing, to + 1, taken) };
}

export function openNotifyPipe({ from, to, nothing }: NotifySlot, saying: Saying): NotifyPipe {
  const ends = pipeToWatch();
  duplicateTo(ends.write, from);
  closeQuietly(ends.write);
  let text = '';
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    reading[Symbol.dispose]();
    closeQuietly(ends.read);
  };
  const reading = whenReadable(ends.read, () => {
    if (!open) return;
    const block = readNow(ends.read);
    text += block.toString('utf8');
    const words = readWords(text);
    text = words.rest;
    for (const status of words.statuses) saying.status(status);
    if (words.verdict === 'ready') saying.ready();
    // Nothing more is to be said here, or it is no talk of ours: what else comes need not be read.
    if (words.verdict !== 'waiting' || block.length === 0) close();
  });
  const emptySlot = () => duplicateTo(nothing, from);
  return {
    variables: new Map([['NOTIFY_FD', String(to)]]),
    begin: emptySlot,
    [Symbol.dispose]: () => {
      emptySlot();
      close();
    },
  };
}
