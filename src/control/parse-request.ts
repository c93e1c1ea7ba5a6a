// What a client has asked for: a line → its parts.

import type { Scaling } from '../superdaemon/host.ts';
import { PROTOCOL, parseObject, type Request } from './protocol.ts';

const requests: readonly Request['request'][] = [
  'watch',
  'events',
  'deploy',
  'cancel',
  'scale',
  'upgrade',
  'status',
];

/** undefined for what is no request of this protocol. */
export function parseRequest(line: string): Request['request'] | undefined {
  const value = parseObject(line);
  if (value?.protocol !== PROTOCOL) return undefined;
  const { request } = value;
  return requests.find((each) => each === request);
}

/** undefined for what asks for no number of workers. */
export function parseScaling(line: string): Scaling | undefined {
  const scaling = parseObject(line)?.scaling;
  if (typeof scaling !== 'object' || scaling === null) return undefined;
  if ('to' in scaling && Number.isInteger(scaling.to)) return { to: Number(scaling.to) };
  return 'by' in scaling && Number.isInteger(scaling.by) ? { by: Number(scaling.by) } : undefined;
}

/** undefined for what names no events: it wants all. */
export function parseNames(line: string): readonly string[] | undefined {
  const names = parseObject(line)?.names;
  return Array.isArray(names) ? names.filter((each) => typeof each === 'string') : undefined;
}

/** Of the workers that the client has. */
export function parseRevision(line: string): string | undefined {
  const revision = parseObject(line)?.revision;
  return typeof revision === 'string' ? revision : undefined;
}

export function asksAgain(line: string): boolean {
  return parseObject(line)?.again === true;
}
