// $NOTIFY_FD: a newline (s6) or `READY=1` on a pipe, and whatever else it has to say, until it closes it. Only the worker, and to whom it hands it, has its other end.

import { openSync } from 'node:fs';
import { closeQuietly, duplicateTo } from '../posix/file/descriptor.ts';
import { pipeToWatch, readNow } from '../posix/file/pipe.ts';
import type { Environment } from '../posix/process/caller.ts';
import { park } from '../sockets/fd-table.ts';
import { readWords, type Words } from './notify-words.ts';
import { type Reader, type Reading, readInMeasure } from './read-in-measure.ts';
import { type InheritedPipe, passOn, type WatchCallbacks } from './readiness.ts';

/** Where the spawn finds the pipe's writing end, always, and the number that workers know it by. */
export interface NotifySlot {
  readonly from: number;
  readonly to: number;
  /** What lies in the slot between two spawns. */
  readonly nothing: number;
}

/** Within a tenth of a second. */
const MOST_BLOCKS = 8;

/** `targets`: the numbers of the worker's sockets. */
export function notifySlot(to: number, targets: ReadonlySet<number>): NotifySlot {
  const taken = new Set([...targets, to]);
  const nothing = openSync('/dev/null', 'r');
  return { from: park(openSync('/dev/null', 'r'), to, taken), to, nothing: park(nothing, to + 1, taken) };
}

export function openNotifyPipe(slot: NotifySlot, callbacks: WatchCallbacks): NotifyPipe {
  const ends = pipeToWatch();
  try {
    duplicateTo(ends.write, slot.from);
  } catch (error) {
    closeQuietly(ends.read);
    throw error;
  } finally {
    closeQuietly(ends.write);
  }
  return new NotifyPipe({ read: ends.read, text: '' }, callbacks, slot);
}

/** Of a worker that has been spawned, but for the one whose slot it lies in. */
export class NotifyPipe implements Reading, Disposable {
  readonly most = MOST_BLOCKS;
  readonly #end: number;
  readonly #callbacks: WatchCallbacks;
  /** What came without an end of line, as latin1. */
  #text: string;
  /** Until the worker has been spawned. */
  #slot: NotifySlot | undefined;
  /** undefined: nothing more is to be heard. */
  #reading: Reader | undefined;

  constructor({ read, text }: InheritedPipe, callbacks: WatchCallbacks, slot?: NotifySlot) {
    this.#end = read;
    this.#text = text;
    this.#callbacks = callbacks;
    this.#slot = slot;
    this.#reading = readInMeasure(read, this);
  }

  get variables(): Environment {
    return new Map(this.#slot && [['NOTIFY_FD', String(this.#slot.to)]]);
  }

  begin(): void {
    if (this.#slot !== undefined) duplicateTo(this.#slot.nothing, this.#slot.from);
    this.#slot = undefined;
  }

  /** undefined: nothing more is to be heard. */
  forSuccessor(): InheritedPipe | undefined {
    return this.#reading && { read: this.#end, text: this.#text };
  }

  look(): void {
    this.#reading?.look();
  }

  read(): false {
    const block = readNow(this.#end);
    if (block === undefined) return false;
    this.#text += block.toString('latin1');
    let words: Words;
    let isReady = false;
    do {
      words = readWords(this.#text);
      this.#text = words.rest;
      passOn(words, this.#callbacks);
      // However often it says so at once.
      if (words.verdict === 'ready' && !isReady) this.#callbacks.ready();
      isReady ||= words.verdict === 'ready';
    } while (words.verdict === 'ready' && this.#text !== '');
    // What is no talk of ours need not be read.
    if (words.verdict === 'foul' || block.length === 0) this.#close();
    // Another block at once might be an empty one, which would look like the end.
    return false;
  }

  #close(): void {
    if (this.#reading === undefined) return;
    this.#reading[Symbol.dispose]();
    this.#reading = undefined;
    closeQuietly(this.#end);
  }

  /** What explains its end counts even where both came at once. */
  #hearLast(): void {
    const heard = readWords(this.#text + (readNow(this.#end)?.toString('latin1') ?? ''));
    if (heard.preloaded) this.#callbacks.preloaded();
  }

  [Symbol.dispose](): void {
    this.begin();
    if (this.#reading !== undefined) this.#hearLast();
    this.#close();
  }
}
