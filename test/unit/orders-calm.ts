// Once nothing fails any more, each worker of the newest good release serves, and nobody else lives: within a bound that
// follows from the policy.

import type { Policy } from '../../src/superdaemon/host.ts';
import type { State } from '../../src/superdaemon/state.ts';
import { isStarted, isStarting } from '../../src/superdaemon/worker.ts';
import type { Life, Step } from './orders-life.ts';

/** What a late worker has to go, where no kill-old timeout says otherwise. */
const LATE_GRACE_MS = 10_000;
/** Whoever takes more steps than these spins. */
const MOST_STEPS = 500;

export interface Calm {
  readonly violation: string | undefined;
  /** In the world's time, until all was well. */
  readonly tookMs: number;
}

export function calm(life: Life): Calm {
  const { world } = life;
  const beganAt = world.nowMs;
  const mostMs = boundMs(life.policy, life.state.wanted);
  let settledAt = beganAt;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const step = isOver(life) ? undefined : fairStep(life);
    if (step === undefined) break;
    const { nowMs } = world;
    life.take(step);
    if (world.nowMs > nowMs) settledAt = world.nowMs;
    if (life.violation !== undefined || life.outcome !== undefined) {
      return { violation: life.violation, tookMs: settledAt - beganAt };
    }
  }
  const tookMs = settledAt - beganAt;
  const late = tookMs > mostMs ? `takes ${tookMs} ms, ${mostMs} may be` : undefined;
  return { violation: complaint(life) ?? late, tookMs };
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
function boundMs(policy: Policy, workers: number): number {
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
  return 3 * (workers * start + canaryMs + leave);
}
