// How workers come and go, as --dry-run tells it.

import type { Hook } from '../command-line/hook.ts';
import type { StartOptions } from '../command-line/start-options.ts';
import type { Readiness } from '../workers/readiness.ts';
import type { Fact, Rehearsed } from './dry-run-report.ts';

export function lifeFacts({ options, restarts }: Pick<Rehearsed, 'options' | 'restarts'>): Fact[] {
  const { killOldDelayMs, autoRestartIntervalMs } = restarts;
  return [
    ['readiness', readinessText(options.readiness, options)],
    ['check', options.check],
    ['watchdog', watchdogText(options)],
    ['recycled', recycledText(options)],
    ['kill tree', options.killTree ? 'a worker goes with all that it has started' : undefined],
    ...options.hooks.map(hookFact),
    ['signals', `${options.signalOnHup} to the old worker at a deploy, ${options.signalOnTerm} at a stop`],
    ['kill delay', killOldDelayMs > 0 ? seconds(killOldDelayMs) : undefined],
    ['surge', surgeText(options)],
    ['canary', canaryText(options)],
    ['old workers', options.maxOld === undefined ? undefined : `at most ${options.maxOld} on their way out`],
    ['auto restart', autoRestartIntervalMs === undefined ? undefined : seconds(autoRestartIntervalMs)],
  ];
}

function surgeText({ workers, surge }: StartOptions): string | undefined {
  if (workers === undefined || surge === undefined) return undefined;
  return `at most ${workers + surge} workers during a deploy, from one to the next`;
}

function canaryText({ canaryMs, canaryCheck }: StartOptions): string | undefined {
  if (canaryMs === undefined) return undefined;
  const verdict = canaryCheck === undefined ? '' : `, then ${canaryCheck} exits 0`;
  return `serves beside the old generation for ${seconds(canaryMs)}${verdict}`;
}

function watchdogText({ watchdogMs }: StartOptions): string | undefined {
  return watchdogMs === undefined ? undefined : `replaced when silent for ${seconds(watchdogMs)}`;
}

function recycledText({ maxAgeMs, maxMemoryBytes }: StartOptions): string | undefined {
  const limits = [
    ...(maxAgeMs === undefined ? [] : [`after ${seconds(maxAgeMs)}`]),
    ...(maxMemoryBytes === undefined ? [] : [`above ${(maxMemoryBytes / 2 ** 20).toFixed(1)} MiB`]),
  ];
  return limits.length === 0 ? undefined : limits.join(', ');
}

function hookFact({ names, command }: Hook): Fact {
  return ['hook', `${names?.join(', ') ?? 'every event'}: ${command}`];
}

function readinessText(readiness: Readiness, { intervalMs, readyTimeoutMs }: StartOptions): string {
  const limit = `within ${seconds(readyTimeoutMs)}`;
  switch (readiness.kind) {
    case 'interval':
      return `alive after ${seconds(intervalMs)}`;
    case 'notify':
      return `it says so ${limit}`;
    case 'exec':
      return `${readiness.command} exits 0 ${limit}`;
  }
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`;
}
