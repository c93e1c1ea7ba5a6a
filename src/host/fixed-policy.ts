import type { StartOptions } from '../command-line/start-options.ts';
import type { Policy } from '../superdaemon/host.ts';

/** What the options say once and for all; the rest of the policy an envdir may change. */
export function fixedPolicy(options: StartOptions): Omit<Policy, 'killOldDelayMs' | 'autoRestartIntervalMs'> {
  return {
    workers: options.workers,
    startAtOnce: options.startAtOnce,
    surge: options.surge,
    intervalMs: options.intervalMs,
    signalOnHup: options.signalOnHup,
    signalOnTerm: options.signalOnTerm,
    readyTimeoutMs: options.readiness.kind === 'interval' ? undefined : options.readyTimeoutMs,
    maxStartAttempts: options.maxStartAttempts,
    canaryMs: options.canaryMs,
    hasCanaryCheck: options.canaryCheck !== undefined,
    hasCheck: options.check !== undefined,
    killOldTimeoutMs: options.killOldTimeoutMs,
    maxOld: options.maxOld,
    stopTimeoutMs: options.stopTimeoutMs,
    backoffMs: options.backoffMs,
    watchdogMs: options.watchdogMs,
    maxAgeMs: options.maxAgeMs,
    maxMemoryBytes: options.maxMemoryBytes,
  };
}
