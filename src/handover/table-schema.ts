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
  intervalMs: duration,
  killOldDelayMs: duration,
  signalOnHup: signal,
  signalOnTerm: signal,
  autoRestartIntervalMs: maybe(duration),
  readyTimeoutMs: maybe(duration),
  maxStartAttempts: count,
  hasCheck: v.boolean(),
  killOldTimeoutMs: duration,
  stopTimeoutMs: duration,
  backoffMs: duration,
});

const phase = v.variant('name', [
  v.object({ name: v.literal('starting'), until: time, outcome: v.picklist(['started', 'late']) }),
  v.object({ name: v.literal('current') }),
  v.object({ name: v.literal('old') }),
  v.object({ name: v.literal('draining'), started: v.boolean(), killAt: time }),
]);

const attempt = v.variant('name', [
  v.object({ name: v.literal('none') }),
  v.object({ name: v.literal('due'), at: time, isRetry: v.boolean() }),
  v.object({ name: v.literal('checking'), generation: count }),
]);

export const table = v.object({
  policy,
  workers: v.array(v.object({ generation: count, pid, phase })),
  generation: count,
  inherited: count,
  attempt,
  lastAttemptAt: time,
  lastRetryAt: time,
  failures: count,
  hasEverStarted: v.boolean(),
  retirements: v.array(v.object({ at: time, before: count })),
  deploy: count,
  deploying: v.boolean(),
  deployAgain: v.boolean(),
}) satisfies v.GenericSchema<unknown, Table>;
