// What a client and the superdaemon say to each other over a Unix stream socket: JSON, a line each. The
// client sends one Request; the superdaemon answers Hello, then, for all but `status`, each log event as it happens, with its
// `time` in milliseconds.
// A request is taken up after its Hello: a client that hung up before has asked for nothing.

import type { SocketQueue } from '../sockets/socket-queues.ts';
import type { Scaling } from '../superdaemon/host.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import type { Reconfiguration } from '../superdaemon/reconfiguration.ts';
import type { CountedDeploys } from './deploy-counts.ts';
import type { ExitCounts } from './exit-counts.ts';
import type { FailureReport, HooksReport, LeftReport, WorkerReport } from './reports.ts';

/** Raised when an older client or superdaemon would misunderstand; each refuses what it does not know. */
export const PROTOCOL = 1;

export interface Request {
  readonly protocol: number;
  /**
   * `watch`: be told what happens; `events`: the same, and miss what one is too slow for; `deploy`: do as on HUP, and be told; `cancel`: give the deploy up; `upgrade`: as on USR2;
   * `reconfigure`: the same, and go by another command line from then on; `status`: Hello alone.
   */
  readonly request: 'watch' | 'events' | 'deploy' | 'cancel' | 'scale' | 'upgrade' | 'reconfigure' | 'status';
  /** For `reconfigure`. */
  readonly commandLine?: CommandLine;
  /** For `scale`. */
  readonly scaling?: Scaling;
  /** For `events`: which of them; without it all. */
  readonly names?: readonly string[];
  /** For `status`: the connection stays, and each further line asks once more. An older superdaemon hangs up. */
  readonly again?: true;
  /** For `status`, again: of the workers that the client has; they are not told once more. An older superdaemon tells them. */
  readonly revision?: string;
}

/** Another one, and where it was typed. */
export type CommandLine = Omit<Reconfiguration, 'request'>;

/** A line of a client: it may name each event that there is, or say what all workers are to run. */
export const LONGEST_REQUEST = 65_536;

/** What a client wants. */
export type Wish =
  | Exclude<Request['request'], 'scale' | 'events' | 'reconfigure'>
  | { readonly request: 'reconfigure'; readonly commandLine: CommandLine }
  | { readonly request: 'events'; readonly names?: readonly string[] }
  | { readonly request: 'status'; readonly again: true }
  | { readonly request: 'scale'; readonly scaling: Scaling };

export interface Hello {
  readonly protocol: number;
  readonly version: string;
  readonly pid: number;
  /** The client's own number: `request-accepted` names it. */
  readonly request: number;
  /** It takes another command line; an older superdaemon does not say. */
  readonly reconfigures?: true;
  /** Where the log goes, for people; an older superdaemon does not say. */
  readonly log?: string;
  /** For `status`; none for others. */
  readonly workers: readonly WorkerReport[];
  /** Of these workers: another one, once anything has happened. */
  readonly revision?: string;
  /** The options whose sockets nobody can connect to, if any. */
  readonly unreachable?: readonly string[];
  /** For `status`: what went wrong last, unless it has been deployed over. */
  readonly failure?: FailureReport | undefined;
  /** What dead workers have left behind, if anything. */
  readonly left?: readonly LeftReport[];
  /** For `status`, with --kill-tree: what they have left, and is to go. */
  readonly going?: readonly LeftReport[];
  /** With --on-event. */
  readonly hooks?: HooksReport;
  /** For `status`, as the following: an older superdaemon does not say. */
  readonly sockets?: readonly SocketQueue[];
  readonly deploys?: CountedDeploys;
  readonly exits?: ReturnType<ExitCounts['counted']>;
}

/** In milliseconds since the epoch; an older superdaemon does not say. */
export type TimedEvent = LogEvent & { readonly time?: number };

/** To a client that has the workers of this revision. */
export type Unchanged = Omit<Hello, 'workers'>;

export type Answer = Hello | Unchanged | TimedEvent;

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

export function eventLine(event: LogEvent, at: number): string {
  return lineOf({ ...event, time: at });
}

const NOT_ASCII = /[\u007f-\uffff]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

export function parseEvent(line: string): TimedEvent | undefined {
  const value = parseObject(line);
  return typeof value?.event === 'string' ? (value as unknown as TimedEvent) : undefined;
}

export function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
