// Two moments are the same for the heart where only names differ: pids, the numbers of generations, deploys and attempts,
// the time of day; and where what differs no rule asks any more: when something was, once it holds nothing up, and who is
// who of those that were told to go. What is left, as text, is what a search has seen. That such moments have the same
// future orders-alike.ts tries.

import { createHash } from 'node:crypto';
import type { Deploy } from '../../src/superdaemon/candidate.ts';
import type { State } from '../../src/superdaemon/state.ts';
import { isDraining, type Worker } from '../../src/superdaemon/worker.ts';
import { pacesIn } from './orders-paces.ts';
import { type Rank, ranked } from './orders-rank.ts';
import type { OrdersWorld, Pending } from './orders-world.ts';

/** Failures of recycling beyond these make no difference. */
const MOST_RECYCLED = 7;

/** `more`: what else bears on what is yet to come. */
export function keyOf(state: State, world: OrdersWorld, more: readonly unknown[]): string {
  const names = namesOf(state, world);
  const { ending } = state;
  const seen = [
    workersIn(state, world, names),
    world.pending.map((each) => pendingIn(state, each, names)),
    ending === undefined ? [more, deploysIn(state, names), pacesIn(state, world.nowMs)] : ending.kind,
  ];
  return createHash('md5').update(JSON.stringify(seen)).digest('base64');
}

interface Names {
  readonly ordinal: Rank;
  readonly label: Rank;
  /** How long until then. */
  readonly due: (atMs: number) => number | 'never';
  /** How long ago, up to that long. */
  readonly since: (atMs: number, mostMs: number) => number;
}

function namesOf(state: State, { pending, nowMs }: OrdersWorld): Names {
  const { workers, begun, check, candidate } = state;
  return {
    ordinal: ranked([
      begun,
      ...deploysOf(state).map(({ ordinal }) => ordinal),
      ...workers.filter((each) => !isDraining(each)).map(({ ordinal }) => ordinal),
      ...state.rolling.map(({ ordinal }) => ordinal),
      ...state.retirements.map(({ before }) => before),
    ]),
    label: ranked([
      candidate?.generation,
      'generation' in check ? check.generation : undefined,
      ...pending.filter(({ what }) => what === 'check').map(({ number }) => number),
    ]),
    due: (atMs) => (atMs === Number.POSITIVE_INFINITY ? 'never' : Math.max(0, atMs - nowMs)),
    since: (atMs, mostMs) => Math.min(nowMs - atMs, mostMs),
  };
}

function deploysOf({ current, candidate, rolled }: State): readonly Deploy[] {
  return [current, candidate, ...rolled.map(({ deploy }) => deploy)].filter((each) => each !== undefined);
}

/** Of processes that are alike one is as good as another: the places of the first of each. */
export function distinctProcesses(state: State, world: OrdersWorld): readonly number[] {
  const names = namesOf(state, world);
  const texts = world.processes.map(({ pid }) => {
    const worker = state.workers.find((each) => each.pid === pid);
    return worker && isDraining(worker) ? JSON.stringify(leavingIn(state, worker, names)) : pid;
  });
  return [...texts].flatMap((text, place) => (texts.indexOf(text) === place ? [place] : []));
}

/** The order of those that were told to go makes no difference, but where the oldest of too many are killed. */
function workersIn(state: State, { processes }: OrdersWorld, names: Names): readonly unknown[] {
  const textOf = (worker: Worker) => {
    const isTold = processes.find(({ pid }) => pid === worker.pid)?.signalled;
    const of = isDraining(worker) ? leavingIn(state, worker, names) : livingIn(state, worker, names);
    return JSON.stringify([isTold, of]);
  };
  const { workers, policy } = state;
  if (policy.maxOld !== undefined) return workers.map(textOf);
  const leaving = workers.filter(isDraining).map(textOf).sort();
  return [...workers.filter((each) => !isDraining(each)).map(textOf), ...leaving];
}

function livingIn(state: State, worker: Worker, names: Names): readonly unknown[] {
  const { ordinal, slot, attempt, phase } = worker;
  const isCanary = 'attempt' in state.canary && attempt === state.canary.attempt;
  const settles = phase.name === 'starting' ? [names.due(phase.until), phase.outcome] : [];
  return [names.ordinal(ordinal), slot, isCanary, phase.name, settles, recyclingIn(state, worker, names)];
}

/** How old a worker is bears on when it is recycled, or its elder goes. */
function recyclingIn(
  { workers, policy: { maxAgeMs = 0, killOldDelayMs } }: State,
  { startedAt, recycling }: Worker,
  { due, since }: Names,
): readonly unknown[] {
  const { reason, isUnderWay, failures, notBefore } = recycling;
  const isAsked = maxAgeMs > 0 || workers.some((each) => each.recycling.isUnderWay);
  const age = isAsked && startedAt !== undefined && since(startedAt, Math.max(maxAgeMs, killOldDelayMs));
  return [reason, isUnderWay, Math.min(failures, MOST_RECYCLED), due(notBefore), age];
}

function leavingIn(state: State, { ordinal, slot, phase }: Worker, names: Names): readonly unknown[] {
  if (phase.name !== 'draining') return [];
  const { started, killAt, killed, resend } = phase;
  const isOfDeploy = state.ending === undefined && deploysOf(state).some((each) => each.ordinal === ordinal);
  const again = resend && [resend.signal, names.due(resend.at), resend.waitMs];
  return [isOfDeploy && names.ordinal(ordinal), slot, started, names.due(killAt), killed, again];
}

function deploysIn(state: State, { ordinal, label, due }: Names): readonly unknown[] {
  const { check, canary, upgrade, candidate } = state;
  const deploy = (each: Deploy | undefined) => each && [ordinal(each.ordinal), each.generation !== undefined];
  return [
    [ordinal(state.begun), state.generation > 0, state.attempts > 0, state.again],
    [deploy(state.current), deploy(candidate), candidate?.ordinal === 1, label(candidate?.generation)],
    [check.name, 'generation' in check && [label(check.generation), check.slot]],
    [canary.name, 'until' in canary && due(canary.until), upgrade.name],
    state.rolled.map((each) => [each.slot, deploy(each.deploy)]),
    state.rolling.map((each) => [each.slot, ordinal(each.ordinal), due(each.at)]),
    state.retirements.map((each) => [due(each.at), ordinal(each.before)]),
    [state.wanted, state.target, state.pendingSize, state.announced],
  ];
}

function pendingIn({ upgrade, canary }: State, pending: Pending, { label }: Names): readonly unknown[] {
  const { what, number, cancelled } = pending;
  switch (what) {
    case 'check':
      return [what, cancelled, label(number)];
    case 'judgement':
      return [what, cancelled, 'attempt' in canary && canary.attempt === number];
    case 'proof':
      return [what, cancelled, 'trial' in upgrade && upgrade.trial === number];
  }
}
