// The answer of a superdaemon, as its client takes it. The kernel vouches for who has given it; that it is whole, and what it is
// to be, nobody does: another version, a fault. What a newer one says beyond this is passed on.

import * as v from 'valibot';
import { StartupError } from '../startup-error.ts';
import { DEPLOY_RESULTS } from './deploy-counts.ts';
import { EXIT_REASONS } from './exit-counts.ts';
import { type Hello, PROTOCOL, parseObject } from './protocol.ts';

/** undefined for a superdaemon that speaks another protocol. Throws StartupError for what is none of its answers. */
export function parseHello(line: string, workers: Hello['workers'] = []): Hello | undefined {
  const value = parseObject(line);
  if (value?.protocol !== PROTOCOL) return undefined;
  const result = v.safeParse(hello, { workers, ...value });
  if (result.success) return result.output as unknown as Hello;
  const [{ message, path = [] }] = result.issues;
  const place = path.map(({ key }) => String(key)).join('.');
  throw new StartupError(`the superdaemon gives an answer that cannot be understood: ${place}: ${message}`);
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Milliseconds, of a time that a Date can hold, on either side of now. */
const milliseconds = v.pipe(v.number(), v.minValue(-1e15), v.maxValue(4e15));

/** An older superdaemon does not count all of them. */
const each = (names: readonly string[]) =>
  v.looseObject(Object.fromEntries(names.map((name) => [name, v.optional(count, 0)])));

const worker = v.looseObject({
  generation: count,
  worker: v.optional(count),
  pid: count,
  phase: v.picklist(['starting', 'canary', 'current', 'old', 'leaving']),
  directory: v.optional(v.string()),
  ageMs: milliseconds,
  since: v.optional(milliseconds),
  status: v.optional(v.string()),
  main: v.optional(count),
  recycling: v.optional(v.picklist(['age', 'memory', 'asked'])),
  earlier: v.optional(v.literal(true)),
});

const left = v.looseObject({ generation: count, leftBy: count, pid: count, command: v.string() });

const socket = v.looseObject({
  name: v.string(),
  option: v.string(),
  queue: v.optional(count),
  queueLimit: v.optional(count),
  earlier: v.optional(v.literal(true)),
});

const deploys = v.looseObject({
  generation: count,
  results: each(DEPLOY_RESULTS),
  durations: v.array(count),
  durationsMs: milliseconds,
  last: v.optional(
    v.looseObject({
      result: v.picklist(['succeeded', 'failed']),
      at: milliseconds,
      durationMs: milliseconds,
      generation: count,
      reason: v.optional(v.string()),
    }),
  ),
});

const hello = v.looseObject({
  protocol: v.number(),
  version: v.string(),
  pid: count,
  request: count,
  log: v.optional(v.string()),
  workers: v.array(worker),
  revision: v.optional(v.string()),
  unreachable: v.optional(v.array(v.string())),
  failure: v.optional(
    v.looseObject({
      reason: v.string(),
      ageMs: milliseconds,
      attempts: count,
      nextInMs: v.optional(milliseconds),
    }),
  ),
  left: v.optional(v.array(left)),
  going: v.optional(v.array(left)),
  hooks: v.optional(v.looseObject({ waiting: count, dropped: count })),
  sockets: v.optional(v.array(socket)),
  deploys: v.optional(deploys),
  exits: v.optional(each(EXIT_REASONS)),
});
