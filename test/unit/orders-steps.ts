// What may happen next, as text, and as the event that it is.

import type { Event, Policy, Signal } from '../../src/superdaemon/host.ts';
import type { State } from '../../src/superdaemon/state.ts';
import { distinctProcesses } from './orders-key.ts';
import type { OrdersWorld } from './orders-world.ts';

export interface Setting {
  readonly policy: Partial<Policy>;
  /** What comes from outside; all signals but TERM, which may always come. */
  readonly asked: readonly string[];
  /** Workers may want to be replaced. */
  readonly replacing?: true;
}

/** `dies 1`, `HUP`, `deadline!0`: the first call of that turn that may fail fails. */
export type Step = string;

interface Now {
  readonly state: State;
  readonly world: OrdersWorld;
  readonly deadline: number;
}

export function stepsFrom({ state, world, deadline }: Now, { asked, replacing }: Setting): readonly Step[] {
  const { pending } = world;
  const { ending, policy } = state;
  const processes = distinctProcesses(state, world);
  const hasDeadline = deadline < Number.POSITIVE_INFINITY;
  return [
    ...(hasDeadline ? ['deadline'] : []),
    ...(hasDeadline && deadline > world.nowMs ? ['wait'] : []),
    ...(ending === undefined ? asked : []),
    ...(ending?.kind === 'stopped' ? [] : ['TERM']),
    ...processes.map((place) => `dies ${place}`),
    ...(policy.readyTimeoutMs === undefined ? [] : processes.map((place) => `ready ${place}`)),
    ...(replacing ? processes.map((place) => `replace ${place}`) : []),
    ...pending.flatMap((_, index) => [`passes ${index}`, `refused ${index}`]),
  ];
}

/** Whoever dies, or is heard of, is there no more. */
export function eventOf(what: string, world: OrdersWorld): Event {
  const [verb = '', number] = what.split(' ');
  if (verb === 'deadline') return { kind: 'deadline' };
  if (verb === 'request' || verb === 'cancel') return { kind: verb, request: ++world.requests };
  if (number === undefined) return { kind: 'signal', signal: `SIG${verb}` as Signal };
  if (verb === 'passes' || verb === 'refused') return concluded(verb, Number(number), world);
  const process = world.processes[Number(number)];
  if (process === undefined) throw new Error(`nobody there: ${what}`);
  if (verb === 'ready' || verb === 'replace') return { kind: verb, attempt: process.attempt };
  world.forget(process);
  return { kind: 'death', pid: process.pid, status: 256 };
}

function concluded(verb: 'passes' | 'refused', index: number, world: OrdersWorld): Event {
  const pending = world.pending[index];
  if (pending === undefined) throw new Error(`nothing runs: ${verb} ${index}`);
  world.forget(pending);
  const { what, number } = pending;
  const refusal = verb === 'refused' ? 'refused' : undefined;
  if (what === 'check') return { kind: 'checked', generation: number, refusal };
  if (what === 'judgement') return { kind: 'judged', attempt: number, refusal };
  return { kind: 'tried', trial: number, refusal };
}
