// One life of the heart, a chosen step at a time: what may happen next, and what comes of it.

import * as v from 'valibot';
import { guardedHost } from '../../src/superdaemon/guarded-host.ts';
import type { Policy } from '../../src/superdaemon/host.ts';
import { nextDeadline } from '../../src/superdaemon/rules.ts';
import type { Outcome, State, Table } from '../../src/superdaemon/state.ts';
import { initialState, outcomeNow, turn } from '../../src/superdaemon/superdaemon.ts';
import { fromText, toText } from '../../src/upgrade/json.ts';
import { table } from '../../src/upgrade/table-schema.ts';
import { OrdersAudience } from './orders-audience.ts';
import { copyOf } from './orders-copy.ts';
import { keyOf } from './orders-key.ts';
import { OrdersLedger } from './orders-ledger.ts';
import { eventOf, type Setting, type Step, stepsFrom } from './orders-steps.ts';
import { OrdersWorld } from './orders-world.ts';
import { EVERYDAY } from './scenario.ts';
import { PoolWitness } from './storm-pool-witness.ts';
import { SurgeWitness } from './storm-surge-witness.ts';
import { StormWitness } from './storm-witness.ts';

interface Beginning {
  readonly from?: Life;
  readonly isRecorded?: boolean;
}

type Watcher = StormWitness | PoolWitness | SurgeWitness;

/** After these steps. */
export function lived(setting: Setting, steps: readonly Step[], isRecorded = false): Life {
  const life = new Life(setting, { isRecorded });
  for (const step of steps) life.take(step);
  return life;
}

export class Life {
  readonly world: OrdersWorld;
  readonly policy: Policy;
  readonly ledger = new OrdersLedger();
  state: State;
  outcome: Outcome | undefined;
  readonly steps: Step[] = [];
  readonly #witness: Watcher;
  readonly #audience: OrdersAudience;
  readonly #setting: Setting;
  /** Of the state as it is. */
  #deadline: number | undefined;
  #key: string | undefined;

  /** From the start, or from where another one is now; that one stays there. */
  constructor(setting: Setting, { from, isRecorded = false }: Beginning = {}) {
    this.#setting = setting;
    this.policy = from?.policy ?? { ...EVERYDAY, ...setting.policy };
    this.#witness = watcherOf(this.policy);
    const before = from === undefined ? undefined : from.#audience;
    this.#audience = new OrdersAudience([this.#witness, this.ledger], before);
    this.world = new OrdersWorld(this.policy, this.#audience, isRecorded);
    if (from === undefined) {
      this.state = initialState(this.world, {});
      this.#wait();
    } else {
      this.world.become(from.world);
      this.state = copyOf(from.state, guardedHost(this.world, this.policy));
      this.outcome = from.outcome;
      this.steps = [...from.steps];
      this.#deadline = from.#deadline;
    }
  }

  fork(): Life {
    return new Life(this.#setting, { from: this });
  }

  get violation(): string | undefined {
    return this.#witness.violation;
  }

  get deadline(): number {
    this.#deadline ??= nextDeadline(this.state);
    return this.#deadline;
  }

  key(): string {
    this.#key ??= this.outcome?.kind ?? keyOf(this.state, this.world, this.ledger.key(this.state.current));
    return this.#key;
  }

  /** What may happen next. */
  options(): readonly Step[] {
    if (this.outcome !== undefined) return [];
    const { state, world, deadline } = this;
    return stepsFrom({ state, world, deadline }, this.#setting);
  }

  take(step: Step): void {
    this.steps.push(step);
    this.#key = undefined;
    this.world.note(`-- ${step}`);
    const [what = '', ...failing] = step.split('!');
    // Until the very moment at which something is due, and what comes then comes first.
    if (what === 'wait') {
      this.world.nowMs = this.deadline;
      return;
    }
    this.world.failNext(failing.map(Number));
    if (what === 'deadline') this.world.nowMs = Math.max(this.world.nowMs, this.deadline);
    const event = eventOf(what, this.world);
    this.world.tell((observer, nowMs) => observer.event?.(event, nowMs));
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
    this.#deadline = undefined;
    const { deadline } = this;
    this.world.tell((observer, nowMs) => observer.waiting?.(deadline, nowMs));
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
