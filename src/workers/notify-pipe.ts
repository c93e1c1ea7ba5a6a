// $NOTIFY_FD: a newline (s6) or `READY=1` on a pipe. Only the worker, and to whom it hands it, has its other end.

import { openSync } from 'node:fs';
import { closeQuietly, duplicateTo } from '../posix/file/descriptor.ts';
import { pipeToWatch, readNow } from '../posix/file/pipe.ts';
import type { Environment } from '../posix/process/caller.ts';
import { park } from '../sockets/fd-table.ts';
import { readWords } from './notify-words.ts';
import { readInMeasure } from './read-in-measure.ts';
import type { InheritedPipe, WatchCallbacks } from './readiness.ts';

/** Where the spawn finds the pipe's writing end, always, and the number that workers know it by. */
export interface NotifySlot {
  readonly from: number;
  readonly to: number;
  /** What lies in the slot between two spawns. */
  readonly nothing: number;
}

export interface NotifyPipe extends Disposable {
  readonly variables: Environment;
  begin(): void;
  /** undefined: nothing more is to be heard. */
  forSuccessor(): InheritedPipe | undefined;
}

/** Within a tenth of a second. */
const MOST_BLOCKS = 8;

/** `targets`: the numbers of the worker's sockets. */
export function notifySlot(to: number, targets: ReadonlySet<number>): NotifySlot {
  const taken = new Set([...targets, to]);
  const nothing = openSync('/dev/null', 'r');
  return { from: park(openSync('/dev/null', 'r'), to, taken), to, nothing: park(nothing, to + 1, taken) };
}

export function openNotifyPipe({ from, to, nothing }: NotifySlot, callbacks: WatchCallbacks): NotifyPipe {
  const ends = pipeToWatch();
  duplicateTo(ends.write, from);
  closeQuietly(ends.write);
  const pipe = inheritNotifyPipe({ read: ends.read, text: '' }, callbacks);
  const emptySlot = () => duplicateTo(nothing, from);
  return {
    ...pipe,
    variables: new Map([['NOTIFY_FD', String(to)]]),
    begin: emptySlot,
    [Symbol.dispose]: () => {
      emptySlot();
      pipe[Symbol.dispose]();
    },
  };
}

/** Of a worker that has been spawned. */
export function inheritNotifyPipe(
  { read, text: heard }: InheritedPipe,
  callbacks: WatchCallbacks,
): NotifyPipe {
  let text = heard;
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    reading[Symbol.dispose]();
    closeQuietly(read);
  };
  const take = () => {
    const block = readNow(read);
    text += block.toString('utf8');
    const words = readWords(text);
    text = words.rest;
    for (const status of words.statuses) callbacks.status(status);
    if (words.main !== undefined) callbacks.main(words.main);
    if (words.verdict === 'ready') callbacks.ready();
    // Nothing more is to be said here, or it is no talk of ours: what else comes need not be read.
    if (words.verdict !== 'waiting' || block.length === 0) close();
    // Another block at once might be an empty one, which would look like the end.
    return false;
  };
  const reading = readInMeasure(read, { read: take, most: MOST_BLOCKS });
  return {
    variables: new Map(),
    begin: () => {},
    forSuccessor: () => (open ? { read, text } : undefined),
    [Symbol.dispose]: close,
  };
}
