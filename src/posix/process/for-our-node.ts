// The caller's environment as our own Node may see it: what it says to Node is meant for the workers, and would steer the
// superdaemon, or make it slow and large. The launcher bin/start-server takes the same names out.

import type { Environment } from './caller.ts';

export const FOR_NODE: readonly string[] = [
  ...['NODE_CHANNEL_FD', 'NODE_COMPILE_CACHE', 'NODE_DEBUG', 'NODE_DEBUG_NATIVE', 'NODE_EXTRA_CA_CERTS'],
  ...['NODE_ICU_DATA', 'NODE_OPTIONS', 'NODE_REDIRECT_WARNINGS', 'NODE_UNIQUE_ID', 'NODE_USE_ENV_PROXY'],
  ...['NODE_V8_COVERAGE', 'OPENSSL_CONF', 'UV_THREADPOOL_SIZE', 'UV_USE_IO_URING'],
];
/** This is meant for our own Node. */
const OUR_NODE_OPTIONS = 'START_SERVER_NODE_OPTIONS';

/** Without what is meant for the Node of the workers. */
export function forOurNode(environment: Environment): Environment {
  const options = environment.get(OUR_NODE_OPTIONS);
  return new Map([
    ...without(environment, FOR_NODE),
    ...(options ? ([['NODE_OPTIONS', options]] as const) : []),
  ]);
}

export function without(environment: Environment, names: readonly string[]): Environment {
  return new Map([...environment].filter(([name]) => !names.includes(name)));
}
