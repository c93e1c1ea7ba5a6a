// Once nothing fails any more, each worker of the newest good release serves, and nobody else lives: within a bound that
// follows from the policy.

import type { State } from '../../src/superdaemon/state.ts';
import { isStarted, isStarting } from '../../src/superdaemon/worker.ts';
import type { Life } from './orders-life.ts';
import { OrdersSeen } from './orders-seen.ts';
import type { Step } from './orders-steps.ts';

/** What a late worker has to go, where no kill-old timeout says otherwise. */
const LATE_GRACE_MS = 10_000;
/** Whoever takes more steps than these spins. */
const MOST_STEPS = 500;

export interface Calm {
  readonly violation: string | undefined;
  /** In the world's time, until all was well. */
  readonly tookMs: number;
}

interface Moment {
  /** To say how long it took from here. */
  readonly know: (tookMs: number) => void;
  readonly atMs: number;
  readonly mostMs: number;
}

/** Lives that are left in peace. Where two of them meet they go on alike, and the rest is known. */
export class Calms {
  /** How long all took from there. */
  readonly #known = new OrdersSeen<number>();

  /** Leaves the life where it has come to rest, or where the rest is known. */
  calm(life: Life): Calm {
    const way: Moment[] = [];
    let restMs: number | undefined;
    for (;;) {
      restMs = this.#known.get(life);
      if (restMs !== undefined) break;
      way.push({ know: this.#known.at(life), atMs: life.world.nowMs, mostMs: boundMs(life) });
      const step = isOver(life) ? undefined : fairStep(life);
      if (step === undefined || way.length > MOST_STEPS) break;
      life.take(step);
      if (life.violation !== undefined || life.outcome !== undefined) break;
    }
    const restless = restMs === undefined ? (life.violation ?? complaint(life)) : undefined;
    return this.#note(way, life.world.nowMs + (restMs ?? 0), restless);
  }

  #note(way: readonly Moment[], settledAt: number, restless: string | undefined): Calm {
    const late = way.find(({ atMs, mostMs }) => settledAt - atMs > mostMs);
    for (const { know, atMs } of way) know(settledAt - atMs);
    const tookMs = settledAt - (way[0]?.atMs ?? settledAt);
    const why = late && `takes ${settledAt - late.atMs} ms, ${late.mostMs} may be`;
    return { violation: restless ?? why, tookMs };
  }
}

/** One that is restarted by time never comes to rest, nor does one whose workers are replaced by it. */
function isOver(life: Life): boolean {
  const { autoRestartIntervalMs = life.policy.maxAgeMs } = life.policy;
  return autoRestartIntervalMs !== undefined && complaint(life) === undefined;
}

/** The world at its best: what runs passes, whoever was told to go goes, whoever starts is ready at once. */
function fairStep({ world, state, policy, deadline, outcome }: Life): Step | undefined {
  if (outcome !== undefined) return undefined;
  if (world.pending.length > 0) return 'passes 0';
  const leaving = world.processes.findIndex(({ signalled }) => signalled);
  if (leaving >= 0) return `dies ${leaving}`;
  if (policy.readyTimeoutMs !== undefined) {
    const starting = new Set(state.workers.filter(isStarting).map(({ pid }) => pid));
    const ready = world.processes.findIndex(({ pid }) => starting.has(pid));
    if (ready >= 0) return `ready ${ready}`;
  }
  return deadline < Number.POSITIVE_INFINITY ? 'deadline' : undefined;
}

function complaint(life: Life): string | undefined {
  if (life.outcome !== undefined) return undefined;
  return life.ledger.complaint() ?? unrest(life.state) ?? whoServes(life);
}

function unrest(state: State): string | undefined {
  if (state.ending !== undefined) return 'does not end';
  if (state.candidate !== undefined) return 'a deploy never ends';
  if (state.again) return 'a deploy that was asked for never begins';
  const waiting = state.workers.find(({ recycling }) => recycling.reason !== undefined);
  if (waiting !== undefined) return `${waiting.pid} is never replaced, though it has asked for it`;
  if (state.upgrade.name !== 'none') return `an upgrade stays ${state.upgrade.name}`;
  return undefined;
}

function whoServes({ state, world, policy, ledger }: Life): string | undefined {
  const slots = state.workers.filter(isStarted).map(({ slot }) => slot);
  const expected = Array.from({ length: state.wanted }, (_, slot) => slot);
  if (slots.toSorted().join() !== expected.join()) return `slots ${slots.join()} serve`;
  if (world.processes.length !== state.wanted) return `${world.processes.length} live`;
  return policy.surge === undefined ? isNewest(state, ledger) : undefined;
}

/** A deploy that goes from slot to slot may have stopped half-way. */
function isNewest({ workers, current }: State, { begun, lost }: Life['ledger']): string | undefined {
  const [ordinal = 0] = new Set(workers.map((each) => each.ordinal));
  const serving = ordinal - 1;
  if (workers.some((each) => each.ordinal !== current?.ordinal)) return 'several deploys serve';
  if (lost.has(serving)) return `deploy ${serving} serves, which was given up`;
  if (!lost.has(begun) && serving !== begun) return `deploy ${serving} serves instead of ${begun}`;
  return undefined;
}

/** For a deploy that is under way, the one that was asked for meanwhile, and one that is made up for. */
function boundMs({ policy, state, world }: Life): number {
  const {
    intervalMs,
    backoffMs,
    readyTimeoutMs = 0,
    killOldDelayMs,
    killOldTimeoutMs,
    canaryMs = 0,
  } = policy;
  const spacing = Math.max(intervalMs, backoffMs, 100);
  const start = spacing + Math.max(intervalMs, readyTimeoutMs);
  const leave = killOldDelayMs + (killOldTimeoutMs || LATE_GRACE_MS);
  const again = Math.max(...state.workers.map(({ recycling }) => recycling.notBefore - world.nowMs), 0);
  return 3 * (state.wanted * start + canaryMs + leave) + again;
}
