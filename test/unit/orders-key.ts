// Two moments are the same for the heart where only names differ: pids, the numbers of generations, deploys and attempts,
// the time of day. What is left, as text, is what a search has seen.

import { createHash } from 'node:crypto';
import type { Deploy } from '../../src/superdaemon/candidate.ts';
import type { Slot } from '../../src/superdaemon/spacing.ts';
import type { State } from '../../src/superdaemon/state.ts';
import type { Worker } from '../../src/superdaemon/worker.ts';
import type { OrdersWorld, Pending } from './orders-world.ts';

/** Failures beyond these make no difference. */
const MOST_FAILURES = 8;
/** Longer ago than this, nothing is waited for any more. */
const HORIZON_MS = 60_000;

/** `more`: what else bears on what is yet to come. */
export function keyOf(state: State, world: OrdersWorld, more: readonly unknown[]): string {
  const names = namesOf(state, world);
  const seen = [more, workersIn(state, world, names), deploysIn(state, names), pacesIn(state, names)];
  const pending = world.pending.map((each) => pendingIn(state, each, names));
  return createHash('md5')
    .update(JSON.stringify([seen, pending]))
    .digest('base64');
}

/** The place of a number among its like, in their order. */
type Rank = (number: number | undefined) => number | undefined;

interface Names {
  readonly ordinal: Rank;
  readonly generation: Rank;
  readonly attempt: Rank;
  /** How long until then. */
  readonly due: (atMs: number) => number | 'never';
  readonly nowMs: number;
}

function namesOf(state: State, { pending, nowMs }: OrdersWorld): Names {
  const { workers, begun, check } = state;
  const numbersOf = (what: Pending['what']) =>
    pending.filter((each) => each.what === what).map(({ number }) => number);
  const deploys = [state.current, state.candidate, ...state.rolled.map((each) => each.deploy)];
  return {
    nowMs,
    ordinal: ranked([
      begun,
      ...[...workers, ...state.rolling, ...deploys].map((each) => each?.ordinal),
      ...state.retirements.map((each) => each.before),
    ]),
    generation: ranked([
      state.generation,
      ...[...workers, ...deploys].map((each) => each?.generation),
      'generation' in check ? check.generation : undefined,
      ...numbersOf('check'),
    ]),
    attempt: ranked([...workers.map((each) => each.attempt), ...numbersOf('judgement')]),
    due: (atMs) => (atMs === Number.POSITIVE_INFINITY ? 'never' : Math.max(0, atMs - nowMs)),
  };
}

function ranked(numbers: readonly (number | undefined)[]): Rank {
  const sorted = [...new Set(numbers.filter((each) => each !== undefined))].sort((a, b) => a - b);
  const ranks = new Map(sorted.map((each, rank) => [each, rank]));
  return (number) => (number === undefined ? undefined : ranks.get(number));
}

function workersIn({ workers }: State, { processes }: OrdersWorld, names: Names): readonly unknown[] {
  const leaving = new Set(processes.filter(({ signalled }) => signalled).map(({ pid }) => pid));
  return workers.map(({ ordinal, slot, generation, attempt, pid, phase, ...more }) => [
    [names.ordinal(ordinal), ordinal === 0, slot, names.generation(generation), names.attempt(attempt)],
    [phaseOf(phase, names), leaving.has(pid)],
    recyclingOf(more, names),
  ]);
}

function recyclingOf(
  { startedAt, recycling }: Pick<Worker, 'startedAt' | 'recycling'>,
  { due, nowMs }: Names,
): readonly unknown[] {
  const { reason, isUnderWay, failures, notBefore } = recycling;
  const since = startedAt === undefined ? undefined : Math.max(startedAt - nowMs, -HORIZON_MS);
  return [reason, isUnderWay, Math.min(failures, MOST_FAILURES), due(notBefore), since];
}

function phaseOf(phase: Worker['phase'], { due }: Names): readonly unknown[] {
  if (phase.name === 'starting') return [phase.name, due(phase.until), phase.outcome];
  if (phase.name === 'started') return [phase.name];
  const { resend } = phase;
  const again = resend && [resend.signal, due(resend.at), resend.waitMs];
  return [phase.name, phase.started, due(phase.killAt), phase.killed, again];
}

function deploysIn(state: State, { ordinal, generation, attempt, due }: Names): readonly unknown[] {
  const { check, canary, upgrade, ending } = state;
  const deploy = (each: Deploy | undefined) =>
    each && [ordinal(each.ordinal), each.ordinal === 1, generation(each.generation)];
  return [
    [ordinal(state.begun), generation(state.generation), state.attempts > 0, state.again],
    [deploy(state.current), deploy(state.candidate), ending?.kind, upgrade.name],
    [check.name, 'generation' in check && [generation(check.generation), check.slot]],
    [canary.name, 'attempt' in canary && attempt(canary.attempt), 'until' in canary && due(canary.until)],
    state.rolled.map((each) => [each.slot, deploy(each.deploy)]),
    state.rolling.map((each) => [each.slot, ordinal(each.ordinal), due(each.at)]),
    state.retirements.map((each) => [due(each.at), ordinal(each.before)]),
    [state.wanted, state.target, state.announced],
  ];
}

function pacesIn({ slots, behind, policy }: State, { nowMs }: Names): readonly unknown[] {
  const most = policy.backoffMs > 0 ? MOST_FAILURES : policy.maxStartAttempts + 1;
  const order = ranked([...slots, ...behind].map(({ lastAttemptAt }) => lastAttemptAt));
  const pace = ({ lastAttemptAt, lastRetryAt, isRetry, failures }: Slot) => [
    [Math.max(lastAttemptAt - nowMs, -HORIZON_MS), Math.max(lastRetryAt - nowMs, -HORIZON_MS)],
    [order(lastAttemptAt), isRetry, Math.min(failures, most)],
  ];
  return [slots.map(pace), behind.map(pace)];
}

function pendingIn({ upgrade }: State, pending: Pending, names: Names): readonly unknown[] {
  const { what, number, cancelled } = pending;
  switch (what) {
    case 'check':
      return [what, cancelled, names.generation(number)];
    case 'judgement':
      return [what, cancelled, names.attempt(number)];
    case 'proof':
      return [what, cancelled, 'trial' in upgrade && upgrade.trial === number];
  }
}
