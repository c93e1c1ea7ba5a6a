// What a client and the superdaemon say to each other over a Unix stream socket: JSON, a line each. The
// client sends one Request; the superdaemon answers Hello, then, for all but `status`, each log event as it happens.

import type { Scaling } from '../superdaemon/host.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

/** Raised when an older client or superdaemon would misunderstand; each refuses what it does not know. */
export const PROTOCOL = 1;

export interface Request {
  readonly protocol: number;
  /** `watch`: hear what happens; `deploy`: do as on HUP, and hear; `upgrade`: as on USR2; `status`: Hello alone. */
  readonly request: 'watch' | 'deploy' | 'scale' | 'upgrade' | 'status';
  /** For `scale`. */
  readonly scaling?: Scaling | undefined;
}

const requests: readonly Request['request'][] = ['watch', 'deploy', 'scale', 'upgrade', 'status'];

export interface Hello {
  readonly protocol: number;
  readonly version: string;
  readonly pid: number;
  /** The client's own number: `request-accepted` names it. */
  readonly request: number;
  readonly workers: readonly WorkerReport[];
  /** The options whose sockets nobody can connect to, if any. */
  readonly unreachable?: readonly string[];
}

export interface WorkerReport {
  readonly generation: number;
  /** Its slot, in a pool. */
  readonly worker?: number | undefined;
  readonly pid: number;
  readonly phase: 'starting' | 'current' | 'old' | 'leaving';
  /** Milliseconds since its spawn. */
  readonly ageMs: number;
  /** The worker's own words, from sd_notify(3)'s STATUS=. */
  readonly status: string | undefined;
}

export type Answer = Hello | LogEvent;

/** The abstract name of the socket, for the pid file of that device and inode: `DEVICE:INODE`. */
export function controlName(pidFileIdentity: string): string {
  return `start-server/control/${pidFileIdentity}`;
}

/** undefined for what is no request of this protocol. */
export function parseRequest(line: string): Request['request'] | undefined {
  const value = parseObject(line);
  if (value?.protocol !== PROTOCOL) return undefined;
  const { request } = value;
  return requests.find((each) => each === request);
}

/** undefined for what asks for no number of workers. */
export function parseScalingRequest(line: string): Scaling | undefined {
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
