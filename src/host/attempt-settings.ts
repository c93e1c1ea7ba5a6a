// What one attempt to start a worker goes by: the policy and the environment, read anew for each, and the very same objects for
// as long as nothing in them changes.

import type { StartOptions } from '../command-line/invocation.ts';
import type { Environment } from '../posix/process/caller.ts';
import { serverStarterPort } from '../sockets/fd-table.ts';
import type { Listener } from '../sockets/listener.ts';
import type { Attempt, Policy } from '../superdaemon/host.ts';
import { restartsFrom } from '../superdaemon/policy.ts';
import { socketVariables } from '../workers/socket-variables.ts';
import type { Spare } from '../workers/spare-sockets.ts';
import { generationsOwn, type WorkerEnvironment } from '../workers/worker-environment.ts';
import type { EnvironmentSource } from './environment-source.ts';
import type { Log } from './event-log.ts';

export interface SettingsOptions {
  readonly options: StartOptions;
  readonly listeners: readonly Listener[];
  readonly spares: readonly Spare[];
  readonly environment: EnvironmentSource;
  readonly log: Pick<Log, 'write'>;
}

export interface AttemptSettings {
  /** Reads everything anew. */
  policy(): Policy;
  /** As it was read last. */
  environmentOf(attempt: Pick<Attempt, 'generation' | 'place'>, own?: OfItsOwn): WorkerEnvironment;
}

export interface OfItsOwn {
  /** What the worker is to tell its readiness by. */
  readonly readiness: Environment;
  /** Beside those of all. */
  readonly listeners: readonly Listener[];
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
  const prepare = (variables: Environment): Prepared => ({
    variables,
    lasting: withSockets(variables),
    policy: { ...fixed, ...restartsFrom(variables, warn) },
  });
  let prepared: Prepared | undefined;
  const preparedNow = () => {
    const variables = environment.read(warn);
    if (prepared?.variables !== variables) prepared = prepare(variables);
    return prepared;
  };
  return {
    policy: () => preparedNow().policy,
    environmentOf: ({ generation, place }, its) => {
      const { lasting, policy } = prepared ?? preparedNow();
      const autoRestartInterval = policy.autoRestartIntervalMs && policy.autoRestartIntervalMs / 1000;
      const sockets = its?.listeners.length ? serverStarterPort([...listeners, ...its.listeners]) : undefined;
      const readiness = its?.readiness;
      return { lasting, own: generationsOwn({ generation, place, autoRestartInterval, readiness, sockets }) };
    },
  };
}

function fixedPolicy(options: StartOptions): Omit<Policy, 'killOldDelayMs' | 'autoRestartIntervalMs'> {
  return {
    workers: options.workers,
    startAtOnce: options.startAtOnce,
    intervalMs: options.intervalMs,
    signalOnHup: options.signalOnHup,
    signalOnTerm: options.signalOnTerm,
    readyTimeoutMs: options.readiness.kind === 'interval' ? undefined : options.readyTimeoutMs,
    maxStartAttempts: options.maxStartAttempts,
    hasCheck: options.check !== undefined,
    killOldTimeoutMs: options.killOldTimeoutMs,
    stopTimeoutMs: options.stopTimeoutMs,
    backoffMs: options.backoffMs,
    watchdogMs: options.watchdogMs,
  };
}
