// What a client and the superdaemon say to each other over a Unix stream socket: JSON, a line each. The
// client sends one Request; the superdaemon answers Hello, then, for all but `status`, each log event as it happens.
// A request is taken up after its Hello: a client that hung up before has asked for nothing.

import type { SocketQueue } from '../sockets/socket-queues.ts';
import type { Scaling } from '../superdaemon/host.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import type { CountedDeploys } from './deploy-counts.ts';
import type { ExitCounts } from './exit-counts.ts';
import type { FailureReport, LeftReport, WorkerReport } from './reports.ts';

/** Raised when an older client or superdaemon would misunderstand; each refuses what it does not know. */
export const PROTOCOL = 1;

export interface Request {
  readonly protocol: number;
  /**
   * `watch`: be told what happens; `deploy`: do as on HUP, and be told; `cancel`: give the deploy up; `upgrade`: as on USR2;
   * `status`: Hello alone.
   */
  readonly request: 'watch' | 'deploy' | 'cancel' | 'scale' | 'upgrade' | 'status';
  /** For `scale`. */
  readonly scaling?: Scaling;
  /** For `status`: the connection stays, and each further line asks once more. An older superdaemon hangs up. */
  readonly again?: true;
}

/** What a client wants. */
export type Wish =
  | Exclude<Request['request'], 'scale'>
  | { readonly request: 'status'; readonly again: true }
  | { readonly request: 'scale'; readonly scaling: Scaling };

const requests: readonly Request['request'][] = ['watch', 'deploy', 'cancel', 'scale', 'upgrade', 'status'];

export interface Hello {
  readonly protocol: number;
  readonly version: string;
  readonly pid: number;
  /** The client's own number: `request-accepted` names it. */
  readonly request: number;
  /** Where the log goes, for people; an older superdaemon does not say. */
  readonly log?: string;
  /** For `status`; none for others. */
  readonly workers: readonly WorkerReport[];
  /** The options whose sockets nobody can connect to, if any. */
  readonly unreachable?: readonly string[];
  /** For `status`: what went wrong last, unless it has been deployed over. */
  readonly failure?: FailureReport | undefined;
  /** What dead workers have left behind, if anything. */
  readonly left?: readonly LeftReport[];
  /** For `status`, as the following: an older superdaemon does not say. */
  readonly sockets?: readonly SocketQueue[];
  readonly deploys?: CountedDeploys;
  readonly exits?: ReturnType<ExitCounts['counted']>;
}

export type Answer = Hello | LogEvent;

/**
 * How the abstract name of the socket begins, for the pid file of that device and inode: `DEVICE:INODE`. Behind it come a
 * slash and what nobody can foresee, so that nobody takes the name first; clients look it up.
 */
export function controlPrefix(pidFileIdentity: string): string {
  return `start-server/control/${pidFileIdentity}`;
}

/** In ASCII alone, so that a part of it is whole characters, and bytes. */
export function lineOf(message: Request | Answer): string {
  return `${JSON.stringify(message).replace(NOT_ASCII, escaped)}\n`;
}

const NOT_ASCII = /[\u007f-\uffff]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** undefined for what is no request of this protocol. */
export function parseRequest(line: string): Request['request'] | undefined {
  const value = parseObject(line);
  if (value?.protocol !== PROTOCOL) return undefined;
  const { request } = value;
  return requests.find((each) => each === request);
}

export function asksAgain(line: string): boolean {
  return parseObject(line)?.again === true;
}

/** undefined for what asks for no number of workers. */
export function parseScaling(line: string): Scaling | undefined {
  const scaling = parseObject(line)?.scaling;
  if (typeof scaling !== 'object' || scaling === null) return undefined;
  if ('to' in scaling && Number.isInteger(scaling.to)) return { to: Number(scaling.to) };
  return 'by' in scaling && Number.isInteger(scaling.by) ? { by: Number(scaling.by) } : undefined;
}

/** undefined for a superdaemon that speaks another protocol. */
export function parseHello(line: string): Hello | undefined {
  const value = parseObject(line);
  // As a whole it is the word of a superdaemon of this protocol, which the kernel vouches for.
  return value?.protocol === PROTOCOL ? (value as unknown as Hello) : undefined;
}

export function parseEvent(line: string): LogEvent | undefined {
  const value = parseObject(line);
  return typeof value?.event === 'string' ? (value as unknown as LogEvent) : undefined;
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
