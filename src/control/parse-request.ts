// What a client has asked for: a line → its parts.

import type { Scaling } from '../superdaemon/host.ts';
import { type CommandLine, PROTOCOL, parseObject, type Request } from './protocol.ts';

const requests: readonly Request['request'][] = [
  'watch',
  'events',
  'deploy',
  'cancel',
  'scale',
  'upgrade',
  'reconfigure',
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
  const [to, by] = ['to' in scaling ? scaling.to : undefined, 'by' in scaling ? scaling.by : undefined];
  if (isWhole(to) && to >= 0) return { to };
  return isWhole(by) ? { by } : undefined;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

/** undefined for what is no command line: words that execve(2) takes, and an absolute directory. */
export function parseCommandLine(line: string): CommandLine | undefined {
  const commandLine = parseObject(line)?.commandLine;
  if (typeof commandLine !== 'object' || commandLine === null) return undefined;
  if (!('words' in commandLine) || !('directory' in commandLine)) return undefined;
  const { words, directory } = commandLine;
  if (!Array.isArray(words) || !words.every(isWord) || words.length === 0) return undefined;
  return isWord(directory) && directory.startsWith('/') ? { words, directory } : undefined;
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
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

/** Of a client that has asked so. */
export function stageAfter(
  request: Request['request'] | undefined,
  line: string,
): 'asking' | 'listening' | 'leaving' {
  if (request === 'reconfigure' && parseCommandLine(line) === undefined) return 'leaving';
  if (request === 'status') return asksAgain(line) ? 'asking' : 'leaving';
  return request === undefined ? 'leaving' : 'listening';
}
