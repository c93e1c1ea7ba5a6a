// What one attempt to start a worker goes by: the policy and the environment, read anew for each, and the very same objects for
// as long as nothing in them changes.

import type { StartOptions } from '../command-line/start-options.ts';
import { keepingLast } from '../posix/libc/keeping-last.ts';
import type { Environment } from '../posix/process/caller.ts';
import type { Listener } from '../sockets/listener.ts';
import type { Frozen } from '../superdaemon/frozen.ts';
import type { Attempt, Policy } from '../superdaemon/host.ts';
import { restartsFrom } from '../superdaemon/policy.ts';
import { portTrouble } from '../workers/node-adapter.ts';
import { socketVariables } from '../workers/socket-variables.ts';
import type { Spare } from '../workers/spare-sockets.ts';
import { generationsOwn, type WorkerEnvironment } from '../workers/worker-environment.ts';
import type { EnvironmentSource } from './environment-source.ts';
import type { Log } from './event-log.ts';
import { fixedPolicy } from './fixed-policy.ts';
import { freezing } from './freezing.ts';

export interface SettingsOptions {
  readonly options: StartOptions;
  readonly listeners: readonly Listener[];
  readonly spares: readonly Spare[];
  readonly environment: EnvironmentSource;
  readonly log: Pick<Log, 'write'>;
}

export interface AttemptSettings {
  /** See Host.freeze. */
  freeze(): Frozen | undefined;
  /** Reads everything anew that is not frozen. */
  policy(frozen?: Frozen): Policy;
  /** As it was read last. `readiness`: what the worker is to tell its readiness by. */
  environmentOf(attempt: Omit<Attempt, 'attempt'>, readiness?: Environment): WorkerEnvironment;
}

interface Prepared {
  readonly variables: Environment;
  readonly lasting: Environment;
  readonly policy: Policy;
}

export function attemptSettings(world: SettingsOptions): AttemptSettings {
  const { options, listeners, spares, environment, log } = world;
  const warn = (message: string) => log.write({ event: 'warning', message });
  const withSockets = socketVariables(listeners, options, spares);
  const fixed = fixedPolicy(options);
  const warnOfPort = whenNew(warn);
  const prepare = (variables: Environment): Prepared => {
    if (options.server === 'node') warnOfPort(portTrouble(listeners, variables));
    return {
      variables,
      lasting: withSockets(variables),
      policy: { ...fixed, ...restartsFrom(variables, warn) },
    };
  };
  let prepared: Prepared | undefined;
  const frozenVariables = keepingLast(({ envdir }: Frozen) => environment.with(envdir));
  const preparedNow = (frozen?: Frozen) => {
    const variables = frozen === undefined ? environment.read(warn) : frozenVariables(frozen);
    if (prepared?.variables !== variables) prepared = prepare(variables);
    return prepared;
  };
  return {
    freeze: freezing(options, environment, warn),
    policy: (frozen) => preparedNow(frozen).policy,
    environmentOf: ({ generation, place, frozen }, readiness) => {
      const known = frozen === undefined ? prepared : undefined;
      const { lasting, policy } = known ?? preparedNow(frozen);
      const autoRestartInterval = policy.autoRestartIntervalMs && policy.autoRestartIntervalMs / 1000;
      const own = generationsOwn({ generation, place, autoRestartInterval, readiness });
      return { lasting, own, directory: frozen === undefined ? options.directory : frozen.directory };
    },
  };
}

function whenNew(warn: (message: string) => void): (message: string | undefined) => void {
  let last: string | undefined;
  return (message) => {
    if (message !== undefined && message !== last) warn(message);
    last = message;
  };
}
