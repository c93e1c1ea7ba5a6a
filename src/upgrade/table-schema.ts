// What the superdaemon's table has to look like, field by field, when it comes from another program.

import * as v from 'valibot';
import type { Table } from '../superdaemon/state.ts';

/** Absence stands in the text as null. */
export const maybe = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(
    v.nullable(schema),
    v.transform((value) => value ?? undefined),
  );

export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const pid = v.pipe(v.number(), v.integer(), v.minValue(1));
/** Milliseconds on the monotonic clock, which goes on from one program to the next; infinite for never. */
const time = v.number();
const duration = v.pipe(v.number(), v.minValue(0));
export const signal = v.custom<`SIG${string}`>(
  (value) => typeof value === 'string' && value.startsWith('SIG'),
);

const policy = v.object({
  workers: maybe(count),
  startAtOnce: count,
  surge: maybe(count),
  intervalMs: duration,
  killOldDelayMs: duration,
  signalOnHup: signal,
  signalOnTerm: signal,
  autoRestartIntervalMs: maybe(duration),
  readyTimeoutMs: maybe(duration),
  maxStartAttempts: count,
  hasCheck: v.boolean(),
  canaryMs: maybe(duration),
  hasCanaryCheck: v.boolean(),
  killOldTimeoutMs: duration,
  maxOld: maybe(count),
  stopTimeoutMs: duration,
  backoffMs: duration,
  watchdogMs: maybe(duration),
  maxAgeMs: maybe(duration),
  maxMemoryBytes: maybe(count),
});

const phase = v.variant('name', [
  v.object({ name: v.literal('starting'), until: time, outcome: v.picklist(['started', 'late']) }),
  v.object({ name: v.literal('started') }),
  v.object({
    ...{ name: v.literal('draining'), started: v.boolean(), killAt: time, killed: v.boolean(), signal },
    late: v.optional(v.boolean(), false),
    resend: maybe(v.object({ signal, at: time, waitMs: duration })),
  }),
]);

const recycling = v.object({
  reason: maybe(v.picklist(['age', 'memory', 'asked'])),
  isUnderWay: v.boolean(),
  bytes: count,
  tooLarge: count,
  failures: count,
  notBefore: time,
});

const worker = v.object({
  ordinal: count,
  slot: count,
  generation: count,
  attempt: count,
  pid,
  phase,
  heardAt: maybe(time),
  startedAt: maybe(time),
  recycling,
  outlived: maybe(v.object({ status: maybe(v.number()), isReported: v.boolean() })),
});

const frozen = v.object({ directory: maybe(v.string()), envdir: v.map(v.string(), v.string()) });

const deploy = v.object({ ordinal: count, generation: maybe(count), frozen: maybe(frozen) });

const check = v.variant('name', [
  v.object({ name: v.literal('none') }),
  v.object({ name: v.literal('running'), generation: count, slot: count }),
  v.object({ name: v.literal('passed'), generation: count, slot: maybe(count) }),
]);

const canary = v.variant('name', [
  v.object({ name: v.picklist(['none', 'passed']) }),
  v.object({ name: v.literal('watched'), attempt: count, until: time }),
  v.object({ name: v.literal('checking'), attempt: count }),
]);

const slot = v.object({
  lastAttemptAt: time,
  lastRetryAt: time,
  isRetry: v.boolean(),
  failures: count,
  reason: v.string(),
});

export const table = v.object({
  policy,
  workers: v.array(worker),
  generation: count,
  inherited: count,
  attempts: count,
  begun: count,
  trials: count,
  current: maybe(deploy),
  rolled: v.array(v.object({ slot: count, deploy })),
  rolling: v.array(v.object({ at: time, slot: count, ordinal: count })),
  candidate: maybe(deploy),
  again: v.boolean(),
  check,
  canary,
  wanted: count,
  target: count,
  // A predecessor may know of none.
  pendingSize: v.optional(maybe(count), null),
  slots: v.array(slot),
  behind: v.array(slot),
  weighedAt: time,
  announced: v.boolean(),
  configurations: v.array(v.object({ since: count, isPool: v.boolean() })),
  retirements: v.array(v.object({ at: time, before: count })),
}) satisfies v.GenericSchema<unknown, Table>;
