// How the superdaemon is, for whoever asks: what its observers make of the log events, and how its sockets stand at that moment.

import packageJson from '../../package.json' with { type: 'json' };
import type { LogTarget } from '../files/output.ts';
import type { Listener } from '../sockets/listener.ts';
import { socketQueues } from '../sockets/socket-queues.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { deployCounts, type KnownDeploys } from './deploy-counts.ts';
import { type CountedExits, exitCounts } from './exit-counts.ts';
import { type Failure, lastFailure } from './last-failure.ts';
import { logPlace } from './log-place.ts';
import { type Hello, PROTOCOL, type Request } from './protocol.ts';
import type { HooksReport, LeftReport } from './reports.ts';
import { type Row, workerList } from './worker-list.ts';

export interface StatusSource {
  /** The answer to a client; who only listens is told less. */
  hello(request: number, kind: Request['request'] | undefined): Hello;
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
  /** undefined: there are no hooks. */
  readonly hooks: (() => HooksReport) | undefined;
  readonly inherited: InheritedStatus | undefined;
}

export function statusSource(world: StatusWorld): StatusSource {
  const { now, inherited, listeners } = world;
  const clocks = { monotonic: now, wall: Date.now };
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
  const all = () => ({
    workers: living.workers(),
    failure: failure.report(),
    unreachable: world.unreachable(),
    sockets: [
      ...socketQueues(listeners()),
      ...socketQueues(world.earlierListeners()).map((each) => ({ ...each, earlier: true as const })),
    ],
    exits: exits.counted(),
    deploys: deploys.counted(),
  });
  return {
    hello: (request, kind) => ({ ...about(), request, ...(kind === 'status' ? all() : { workers: [] }) }),
    forSuccessor: () => ({
      workers: living.forSuccessor(),
      failure: failure.forSuccessor(),
      exits: exits.forSuccessor(),
      deploys: deploys.forSuccessor(),
    }),
  };
}
