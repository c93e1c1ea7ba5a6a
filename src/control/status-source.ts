// How the superdaemon is, for whoever asks: what its observers make of the log events, and how its sockets stand at that moment.

import packageJson from '../../package.json' with { type: 'json' };
import type { LogTarget } from '../files/output.ts';
import { randomHex } from '../posix/libc/random.ts';
import type { Listener } from '../sockets/listener.ts';
import { socketQueues } from '../sockets/socket-queues.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { deployCounts, type KnownDeploys } from './deploy-counts.ts';
import { type CountedExits, exitCounts } from './exit-counts.ts';
import { type Failure, lastFailure } from './last-failure.ts';
import { logPlace } from './log-place.ts';
import { type Hello, PROTOCOL, type Request, type Unchanged } from './protocol.ts';
import type { HooksReport, LeftReport } from './reports.ts';
import { type Row, workerList } from './worker-list.ts';

export interface StatusSource {
  /** The answer to a client; who only listens is told less. */
  hello(request: number, kind: Request['request'] | undefined): Hello;
  /** To a client that has the workers of that revision; undefined where these are others, or it has none. */
  unchanged(request: number, revision: string | undefined): Unchanged | undefined;
  /** For the successor. */
  forSuccessor(): InheritedStatus;
}

export interface InheritedStatus {
  readonly workers: readonly Row[];
  readonly failure: Failure | undefined;
  readonly exits: CountedExits;
  readonly deploys: KnownDeploys;
}

export interface StatusWorld {
  /** Milliseconds of the monotonic clock. */
  readonly now: () => number;
  readonly subscribe: (subscriber: (event: LogEvent) => void) => void;
  readonly log: LogTarget;
  readonly listeners: () => readonly Listener[];
  /** Those that only earlier command lines name. */
  readonly earlierListeners: () => readonly Listener[];
  readonly unreachable: () => readonly string[];
  readonly left: () => readonly LeftReport[];
  /** undefined: what workers leave is nobody's to signal. */
  readonly going: (() => readonly LeftReport[]) | undefined;
  /** undefined: there are no hooks. */
  readonly hooks: (() => HooksReport) | undefined;
  readonly inherited: InheritedStatus | undefined;
}

export function statusSource(world: StatusWorld): StatusSource {
  const { now, inherited } = world;
  const clocks = { monotonic: now, wall: Date.now };
  // A successor counts anew.
  const run = randomHex(4);
  let events = 0;
  world.subscribe(() => {
    events += 1;
  });
  const living = workerList(clocks, inherited?.workers);
  const isLeaving = (pid: number) => living.phaseOf(pid) === 'leaving';
  const failure = lastFailure({ now, isLeaving }, inherited?.failure);
  const exits = exitCounts(inherited?.exits);
  const deploys = deployCounts(clocks, inherited?.deploys);
  for (const { take } of [failure, living, exits, deploys]) world.subscribe(take);
  const about = () => ({
    protocol: PROTOCOL,
    version: packageJson.version,
    pid: process.pid,
    reconfigures: true as const,
    log: logPlace(world.log),
    left: world.left(),
    ...(world.hooks !== undefined && { hooks: world.hooks() }),
  });
  const revisionNow = () => `${run}/${events}`;
  const all = () => ({
    revision: revisionNow(),
    failure: failure.report(),
    unreachable: world.unreachable(),
    ...socketsAndTrees(world),
    exits: exits.counted(),
    deploys: deploys.counted(),
  });
  return {
    hello: (request, kind) =>
      kind === 'status'
        ? { ...about(), request, ...all(), workers: living.workers() }
        : { ...about(), request, workers: [] },
    unchanged: (request, revision) =>
      revision === revisionNow() ? { ...about(), request, ...all() } : undefined,
    forSuccessor: () => ({
      workers: living.forSuccessor(),
      failure: failure.forSuccessor(),
      exits: exits.forSuccessor(),
      deploys: deploys.forSuccessor(),
    }),
  };
}

function socketsAndTrees({
  listeners,
  earlierListeners,
  going,
}: StatusWorld): Pick<Hello, 'sockets' | 'going'> {
  const earlier = socketQueues(earlierListeners()).map((each) => ({ ...each, earlier: true as const }));
  return {
    sockets: [...socketQueues(listeners()), ...earlier],
    ...(going !== undefined && { going: going() }),
  };
}
