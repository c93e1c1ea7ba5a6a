// The environment of a worker: the caller's, over it what the options export, over that the envdir, and what names the
// generation and its sockets.

import { toBytes } from '../posix/bytes.ts';
import type { Environment } from '../posix/caller.ts';

export interface GenerationVariables {
  readonly generation: number;
  /** SERVER_STARTER_PORT and the like. */
  readonly sockets: Environment;
  /** Seconds; undefined without auto restart. */
  readonly autoRestartInterval: number | undefined;
}

export function workerEnvironment(base: Environment, variables: GenerationVariables): Map<string, string> {
  const { generation, sockets, autoRestartInterval } = variables;
  const environment = new Map(base);
  sockets.forEach((value, name) => void environment.set(name, value));
  environment.set('SERVER_STARTER_GENERATION', String(generation));
  // The reference lets its default show from the second generation on; a worker can see it.
  if (autoRestartInterval !== undefined && generation > 1) {
    environment.set('AUTO_RESTART_INTERVAL', String(autoRestartInterval));
  }
  return environment;
}

/** `NAME=value` each, a NUL behind it. As one text it is much faster than one by one. */
export function environmentBytes(environment: Environment): Buffer {
  let text = '';
  environment.forEach((value, name) => {
    text += `${name}=${value}\0`;
  });
  return toBytes(text);
}
