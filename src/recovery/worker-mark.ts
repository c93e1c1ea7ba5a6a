// What tells a worker from any other process: the two variables that a superdaemon gives it.

import type { Environment } from '../posix/process/caller.ts';
import { isSamePath } from '../sockets/match-activated.ts';
import { type InternetSpec, parsePort, type SocketSpec } from '../sockets/socket-spec.ts';

export interface WorkerMark {
  readonly generation: number;
  /** Of its sockets, as SERVER_STARTER_PORT calls them. */
  readonly names: readonly string[];
}

export function workerMark(environment: Environment): WorkerMark | undefined {
  const sockets = environment.get('SERVER_STARTER_PORT');
  const generation = environment.get('SERVER_STARTER_GENERATION') ?? '';
  if (sockets === undefined || !/^[1-9]\d{0,8}$/.test(generation)) return undefined;
  const entries = sockets === '' ? [] : sockets.split(';');
  return {
    generation: Number(generation),
    names: entries.map((entry) => entry.slice(0, Math.max(0, entry.lastIndexOf('=')))),
  };
}

/** Whether it has one of these sockets; or none, where there is none. */
export function servesOneOf({ names }: WorkerMark, specs: readonly SocketSpec[]): boolean {
  if (specs.length === 0) return names.length === 0;
  return specs.some((spec) => names.some((name) => isNameOf(name, spec)));
}

function isNameOf(name: string, spec: SocketSpec): boolean {
  if (name === spec.name) return true;
  return spec.kind === 'unix' ? isSamePath(name, spec.path) : isSamePort(name, spec);
}

/** `8080` and `0.0.0.0:8080`. */
function isSamePort(name: string, { family, host, port }: InternetSpec): boolean {
  try {
    const named = parsePort(name);
    return named.port === port && named.family === family && named.host === host;
  } catch {
    return false; // It is a path.
  }
}
