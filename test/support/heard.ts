// What is heard of a worker over its pipe, block by block, as NotifyPipe takes it.

import { readWords, type Words } from '../../src/workers/notify-words.ts';

export interface HeardInAll {
  readonly statuses: string[];
  readonly mains: number[];
  readonly verdict: string;
}

export function heardOf(blocks: readonly Buffer[]): HeardInAll {
  const [statuses, mains]: [string[], number[]] = [[], []];
  let verdict = 'waiting';
  let text = '';
  for (const block of blocks) {
    let words: Words;
    text += block.toString('latin1');
    do {
      words = readWords(text);
      text = words.rest;
      statuses.push(...words.statuses);
      mains.push(...words.mains);
      if (words.verdict === 'ready' && verdict === 'waiting') verdict = 'ready';
    } while (words.verdict === 'ready' && text !== '');
    if (words.verdict === 'foul') return { statuses, mains, verdict: `${verdict}, foul` };
  }
  return { statuses, mains, verdict };
}

/** Of these lengths, and the rest. */
export function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (const length of cuts) {
    parts.push(bytes.subarray(from, from + length));
    from += length;
  }
  return [...parts, bytes.subarray(from)];
}
