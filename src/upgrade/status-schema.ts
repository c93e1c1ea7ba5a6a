// What is told of when somebody asks, field by field, when it comes from another program.

import * as v from 'valibot';
import { EXIT_REASONS } from '../control/exit-counts.ts';
import type { InheritedStatus } from '../control/status-source.ts';
import { count, maybe, pid } from './table-schema.ts';

const exitReason = v.picklist(EXIT_REASONS);
const duration = v.pipe(v.number(), v.minValue(0));

const deploys = v.object({
  generation: count,
  results: v.object({ succeeded: count, failed: count, superseded: count }),
  durations: v.array(count),
  durationsMs: duration,
  last: maybe(
    v.object({
      result: v.picklist(['succeeded', 'failed']),
      at: v.number(),
      durationMs: duration,
      generation: count,
      reason: maybe(v.string()),
    }),
  ),
  begunAt: maybe(v.number()),
});

export const status = v.object({
  workers: v.array(
    v.object({
      generation: count,
      worker: maybe(count),
      pid,
      directory: maybe(v.string()),
      phase: v.picklist(['starting', 'canary', 'current', 'old', 'leaving']),
      spawnedAt: v.number(),
      since: v.number(),
      status: maybe(v.string()),
      main: maybe(pid),
      recycling: maybe(v.picklist(['age', 'memory', 'asked'])),
      earlier: maybe(v.literal(true)),
      outlived: v.boolean(),
    }),
  ),
  failure: maybe(
    v.object({ reason: v.string(), at: v.number(), attempts: count, nextAt: maybe(v.number()) }),
  ),
  exits: v.object({
    counted: v.object({
      crash: count,
      failed_start: count,
      late: count,
      hung: count,
      retired: count,
      killed: count,
      recycled: count,
    }),
    going: v.map(v.number(), exitReason),
  }),
  deploys,
}) satisfies v.GenericSchema<unknown, InheritedStatus>;
