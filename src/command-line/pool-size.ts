// How many workers: the text of an option → its value.

import { processors } from '../posix/process/processors.ts';
import { StartupError } from '../startup-error.ts';
import type { Scaling } from '../superdaemon/host.ts';
import { MOST_WORKERS } from '../superdaemon/scale.ts';

/** `auto` is looked up at once: an upgrade keeps what there is. */
export function parseWorkers(text: string, option: string): number {
  if (text === 'auto') return processors();
  return parseCount(text, `${option}: not auto, nor a number from 1 to ${MOST_WORKERS}`);
}

export function parseSurge(text: string, option: string): number {
  return parseCount(text, `${option}: not a number from 1 to ${MOST_WORKERS}`);
}

export function parseMaxOld(text: string, option: string): number {
  return parseCount(text, `${option}: not a number from 1 to ${MOST_WORKERS}`);
}

export function parseStartAtOnce(text: string, option: string): number {
  return parseCount(text, `${option}: not a number from 1 to ${MOST_WORKERS}`);
}

export function parseScaling(text: string, option: string): Scaling {
  const refusal = `${option}: not a number from 1 to ${MOST_WORKERS}, nor +N or -N`;
  const sign = /^[+-]/.exec(text)?.[0];
  if (sign === undefined) return { to: parseCount(text, refusal) };
  const by = parseCount(text.slice(1), refusal);
  return { by: sign === '-' ? -by : by };
}

function parseCount(text: string, refusal: string): number {
  const count = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count <= MOST_WORKERS)) throw new StartupError(refusal);
  return count;
}
