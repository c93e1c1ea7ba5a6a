// One life of the heart, a chosen step at a time: what may happen next, and what comes of it.

import * as v from 'valibot';
import type { Event, Policy, Signal } from '../../src/superdaemon/host.ts';
import { nextDeadline } from '../../src/superdaemon/rules.ts';
import type { Outcome, State, Table } from '../../src/superdaemon/state.ts';
import { initialState, outcomeNow, turn } from '../../src/superdaemon/superdaemon.ts';
import { fromText, toText } from '../../src/upgrade/json.ts';
import { table } from '../../src/upgrade/table-schema.ts';
import { keyOf } from './orders-key.ts';
import { OrdersLedger } from './orders-ledger.ts';
import { OrdersWorld } from './orders-world.ts';
import { EVERYDAY } from './scenario.ts';
import { PoolWitness } from './storm-pool-witness.ts';
import { SurgeWitness } from './storm-surge-witness.ts';
import { StormWitness } from './storm-witness.ts';

export interface Setting {
  readonly policy: Partial<Policy>;
  /** What comes from outside; all signals but TERM, which may always come. */
  readonly asked: readonly string[];
  /** Workers may want to be replaced. */
  readonly replacing?: true;
}

/** `dies 1`, `HUP`, `deadline!0`: the first call of that turn that may fail fails. */
export type Step = string;

type Watcher = StormWitness | PoolWitness | SurgeWitness;

export class Life {
  readonly world: OrdersWorld;
  readonly policy: Policy;
  readonly ledger = new OrdersLedger();
  state: State;
  outcome: Outcome | undefined;
  readonly steps: Step[] = [];
  readonly #witness: Watcher;
  readonly #setting: Setting;
  #requests = 0;

  constructor(setting: Setting, steps: readonly Step[] = [], isRecorded = false) {
    this.#setting = setting;
    this.policy = { ...EVERYDAY, ...setting.policy };
    this.#witness = watcherOf(this.policy);
    this.world = new OrdersWorld(this.policy, [this.#witness, this.ledger], isRecorded);
    this.state = initialState(this.world, {});
    this.#wait();
    for (const step of steps) this.take(step);
  }

  get violation(): string | undefined {
    return this.#witness.violation;
  }

  get deadline(): number {
    return nextDeadline(this.state);
  }

  key(): string {
    return this.outcome?.kind ?? keyOf(this.state, this.world, this.ledger.key());
  }

  /** What may happen next. */
  options(): readonly Step[] {
    if (this.outcome !== undefined) return [];
    const { processes, pending } = this.world;
    const isRunning = this.state.ending === undefined;
    const hasDeadline = this.deadline < Number.POSITIVE_INFINITY;
    return [
      ...(hasDeadline ? ['deadline'] : []),
      ...(hasDeadline && this.deadline > this.world.nowMs ? ['wait'] : []),
      ...(isRunning ? this.#setting.asked : []),
      ...(this.state.ending?.kind === 'stopped' ? [] : ['TERM']),
      ...processes.map((_, index) => `dies ${index}`),
      ...(this.policy.readyTimeoutMs === undefined ? [] : processes.map((_, index) => `ready ${index}`)),
      ...(this.#setting.replacing ? processes.map((_, index) => `replace ${index}`) : []),
      ...pending.flatMap((_, index) => [`passes ${index}`, `refused ${index}`]),
    ];
  }

  take(step: Step): void {
    this.steps.push(step);
    this.world.note(`-- ${step}`);
    const [what = '', ...failing] = step.split('!');
    // Until the very moment at which something is due, and what comes then comes first.
    if (what === 'wait') {
      this.world.nowMs = this.deadline;
      return;
    }
    this.world.failNext(failing.map(Number));
    if (what === 'deadline') this.world.nowMs = Math.max(this.world.nowMs, this.deadline);
    const event = this.#eventOf(what);
    this.world.tell((observer) => observer.event?.(event, this.world.nowMs));
    turn(this.state, event);
    this.#goOn(outcomeNow(this.state));
  }

  #goOn(outcome: Outcome | undefined): void {
    if (outcome?.kind === 'upgrade') {
      this.world.note('gives way');
      this.world.tell((observer) => observer.givesWay?.());
      this.state = initialState(this.world, { table: handedOver(outcome.table) });
    } else if (outcome !== undefined) {
      this.outcome = outcome;
      this.#witness.ended(outcome.kind);
      return;
    }
    this.#wait();
  }

  #wait(): void {
    this.#witness.waiting(this.deadline, this.world.nowMs);
  }

  #eventOf(what: string): Event {
    const [verb = '', number] = what.split(' ');
    if (verb === 'deadline') return { kind: 'deadline' };
    if (verb === 'request') return { kind: 'request', request: ++this.#requests };
    if (verb === 'cancel') return { kind: 'cancel', request: ++this.#requests };
    if (number === undefined) return { kind: 'signal', signal: `SIG${verb}` as Signal };
    if (verb === 'passes' || verb === 'refused') return this.#concluded(verb, Number(number));
    const process = this.world.processes[Number(number)];
    if (process === undefined) throw new Error(`nobody there: ${what}`);
    if (verb === 'ready' || verb === 'replace') return { kind: verb, attempt: process.attempt };
    this.world.forget(process);
    return { kind: 'death', pid: process.pid, status: 256 };
  }

  #concluded(verb: 'passes' | 'refused', index: number): Event {
    const pending = this.world.pending[index];
    if (pending === undefined) throw new Error(`nothing runs: ${verb} ${index}`);
    this.world.forget(pending);
    const { what, number } = pending;
    const refusal = verb === 'refused' ? 'refused' : undefined;
    if (what === 'check') return { kind: 'checked', generation: number, refusal };
    if (what === 'judgement') return { kind: 'judged', attempt: number, refusal };
    return { kind: 'tried', trial: number, refusal };
  }
}

function watcherOf({ workers, surge }: Policy): Watcher {
  if (workers === undefined) return new StormWitness();
  return surge === undefined
    ? new PoolWitness(Number.POSITIVE_INFINITY)
    : new SurgeWitness(Number.POSITIVE_INFINITY);
}

/** As the next program sees it. */
function handedOver(between: Table): Table {
  return v.parse(table, fromText(toText(between)));
}
