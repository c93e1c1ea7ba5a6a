// A ride through a storm: the superdaemon in the simulated world, watched by the witness.

import { type Call, type Happening, type Scenario, term } from './scenario.ts';
import { type Simulation, simulate } from './simulated-host.ts';
import { ChangeWitness } from './storm-change-witness.ts';
import { PoolWitness } from './storm-pool-witness.ts';
import { SurgeWitness } from './storm-surge-witness.ts';
import { type ChangeStorm, FAIR, type Step, type Storm } from './storm-weather.ts';
import { StormWitness } from './storm-witness.ts';

export interface Ride extends Simulation {
  /** The first thing that must never happen; undefined: all is well. */
  readonly violation: string | undefined;
}

export async function ride(storm: Storm): Promise<Ride> {
  return watched(storm, new StormWitness(), 1);
}

/** How long the world is fair after the last step: by then all of the pool must have served. */
const CALM_MS = 300_000;

export async function ridePool(storm: Storm): Promise<Ride> {
  const { policy, steps } = calmed(storm);
  return watched({ ...storm, policy, steps }, new PoolWitness(arrivals(steps).at(-1) ?? 0), CALM_MS);
}

/** The same, deployed from slot to slot. */
export async function rideSurge(storm: Storm): Promise<Ride> {
  const { policy, steps } = calmed(storm);
  const witness = new SurgeWitness(arrivals(steps).at(-1) ?? 0);
  return watched(
    { ...storm, policy: { surge: 1, killOldTimeoutMs: 7000, ...policy }, steps },
    witness,
    CALM_MS,
  );
}

/** The same, of one worker and of pools by turns. */
export async function rideChanges(storm: ChangeStorm): Promise<Ride> {
  const { policy, steps } = calmed(storm);
  const { sizes, ...world } = storm;
  const witness = new ChangeWitness(arrivals(steps).at(-1) ?? 0, sizes);
  const asked = (_: number, changes: number) => ({ ...policy, workers: sizes[changes % sizes.length] });
  return watched({ ...world, policy: asked, steps }, witness, CALM_MS);
}

/** A report leaves out what of the policy does not matter; that there is a pool does. */
function calmed(storm: Storm): Pick<Storm, 'policy' | 'steps'> {
  const calm: Step = { afterMs: 1, what: { signal: 'SIGUSR1' }, throws: undefined, ...FAIR };
  return { policy: { workers: 2, ...storm.policy }, steps: [...storm.steps, calm] };
}

async function watched(
  { steps, ...storm }: Omit<Storm, 'policy'> & Pick<Scenario, 'policy'>,
  witness: StormWitness | PoolWitness | SurgeWitness | ChangeWitness,
  calmMs: number,
): Promise<Ride> {
  const isPool = !(witness instanceof StormWitness);
  const times = arrivals(steps);
  const endMs = (times.at(-1) ?? 0) + calmMs;
  const happenings = steps.map(({ what }, index): Happening => ({ atMs: times[index] ?? 0, ...what }));
  const weather = new Weather(steps, times);
  const simulation = await simulate({
    ...storm,
    happenings: [...happenings, term(endMs), { atMs: endMs + 1_000_000, dies: 'all', status: 9 }],
    workers: (nowMs) => ({
      ...weather.at(nowMs).workers,
      ...(!isPool && { asksAfterMs: Number.POSITIVE_INFINITY }),
    }),
    checks: (nowMs) => weather.at(nowMs).checks,
    judgements: (nowMs) => weather.at(nowMs).checks,
    proofs: (nowMs) => weather.at(nowMs).checks,
    throws: (call, nth, nowMs) => {
      const throws = nth > 1 && weather.at(nowMs).faults.delete(call);
      if (throws) witness.fault(call);
      return throws;
    },
    reusesPids: true,
    observer: witness,
    untilMs: endMs + 1_100_000,
    enough: () => witness.violation !== undefined,
  });
  if (simulation.outcome === undefined) witness.doesNotEnd();
  else witness.ended(simulation.outcome.kind);
  return { ...simulation, violation: witness.violation };
}

/** What the steps so far have brought. */
class Weather {
  readonly faults = new Set<Call>();
  workers = FAIR.workers;
  checks = FAIR.checks;
  #passed = 0;
  readonly #steps: readonly Step[];
  readonly #times: readonly number[];

  constructor(steps: readonly Step[], times: readonly number[]) {
    this.#steps = steps;
    this.#times = times;
  }

  at(nowMs: number): this {
    for (; (this.#times[this.#passed] ?? Number.POSITIVE_INFINITY) <= nowMs; this.#passed++) {
      const { throws, workers, checks } = { throws: undefined, ...FAIR, ...this.#steps[this.#passed] };
      if (throws !== undefined) this.faults.add(throws);
      this.workers = workers;
      this.checks = checks;
    }
    return this;
  }
}

function arrivals(steps: readonly Step[]): number[] {
  let atMs = 0;
  return steps.map(({ afterMs }) => {
    atMs += afterMs;
    return atMs;
  });
}
