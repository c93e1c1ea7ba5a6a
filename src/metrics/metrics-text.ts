// What --metrics prints, from the answer to --status. Names and labels are an interface: they are documented, and stay. A pid
// is in the info metric alone, so that no other series ends with its worker's process.

import { type CountedDeploys, DEPLOY_RESULTS, DURATION_BOUNDS } from '../control/deploy-counts.ts';
import { EXIT_REASONS, type ExitReason } from '../control/exit-counts.ts';
import type { SocketStatus, StatusReport, WorkerStatus } from '../control/status-report.ts';
import { exposition, type Family, type Sample } from './exposition.ts';

export interface Counts {
  readonly deploys: CountedDeploys;
  readonly exits: Readonly<Record<ExitReason, number>>;
}

/** `app`: what tells the superdaemons of a machine apart, whose files one collector reads. */
export function metricsText(report: StatusReport, { deploys, exits }: Counts, app: string): string {
  const { superdaemon, workers, sockets } = report;
  const version = superdaemon.version ?? '';
  const families = [
    gauge('start_server_info', 'The superdaemon.', [{ labels: { version }, value: 1 }]),
    gauge('start_server_generation', 'The generation that serves, or did last; 0: none ever has.', [
      { value: deploys.generation },
    ]),
    gauge('start_server_workers', 'Workers that live, by role.', byRole(workers)),
    ...ofWorkers(distinct(workers)),
    counter(
      'start_server_worker_exits_total',
      'Workers that have ended, by reason.',
      EXIT_REASONS.map((reason) => ({ labels: { reason }, value: exits[reason] })),
    ),
    ...ofDeploys(deploys),
    ...ofSockets(sockets ?? []),
  ];
  return exposition(families, { app });
}

/** A record, so that none is forgotten. */
const ROLES: Record<WorkerStatus['role'], 0> = { starting: 0, canary: 0, current: 0, old: 0, leaving: 0 };

function byRole(workers: readonly WorkerStatus[]): Sample[] {
  return Object.keys(ROLES).map((role) => ({
    labels: { role },
    value: workers.filter((worker) => worker.role === role).length,
  }));
}

/** One that is slow to go has the labels of its replacement, which is the one that counts. */
function distinct(workers: readonly WorkerStatus[]): readonly WorkerStatus[] {
  const eldestFirst = [...workers].sort((a, b) => (a.upSince ?? '').localeCompare(b.upSince ?? ''));
  return [...new Map(eldestFirst.map((each) => [JSON.stringify(namesOf(each)), each])).values()];
}

function namesOf({ worker = 0, generation }: WorkerStatus) {
  return { worker, generation };
}

function ofWorkers(workers: readonly WorkerStatus[]): Family[] {
  const each = (read: (worker: WorkerStatus) => number | null): Sample[] =>
    workers.flatMap((worker) => {
      const value = read(worker);
      return value === null ? [] : [{ labels: namesOf(worker), value }];
    });
  return [
    gauge(
      'start_server_worker_info',
      'A worker: its number (0 without --workers), its generation and its pid.',
      workers.map((worker) => ({ labels: { ...namesOf(worker), pid: worker.pid }, value: 1 })),
    ),
    gauge(
      'start_server_worker_start_time_seconds',
      'When the worker was started, in seconds since 1970.',
      each(({ upSince }) => (upSince === null ? null : Date.parse(upSince) / 1000)),
    ),
    gauge(
      'start_server_worker_resident_memory_bytes',
      'Resident memory of the worker process.',
      each(({ memoryBytes }) => memoryBytes),
    ),
    counter(
      'start_server_worker_cpu_seconds_total',
      'Processor time of the worker process.',
      each(({ cpuSeconds }) => cpuSeconds),
    ),
  ];
}

function ofDeploys({ results, durations, durationsMs, last }: CountedDeploys): Family[] {
  const counts = DURATION_BOUNDS.map((_, index) => durations[index] ?? 0);
  const upTo = (index: number) => counts.slice(0, index + 1).reduce((sum, count) => sum + count, 0);
  const bucket = (le: number | string, value: number) => ({ suffix: '_bucket', labels: { le }, value });
  return [
    counter(
      'start_server_deploys_total',
      'Deploys that are over, by result.',
      DEPLOY_RESULTS.map((result) => ({ labels: { result }, value: results[result] })),
    ),
    {
      name: 'start_server_deploy_duration_seconds',
      type: 'histogram',
      help: 'How long the deploys took that succeeded, from their request until the new generation serves.',
      samples: [
        ...DURATION_BOUNDS.map((bound, index) => bucket(bound, upTo(index))),
        bucket('+Inf', results.succeeded),
        { suffix: '_sum', value: durationsMs / 1000 },
        { suffix: '_count', value: results.succeeded },
      ],
    },
    gauge(
      'start_server_last_deploy_timestamp_seconds',
      'When the last deploy was over, in seconds since 1970.',
      last === undefined ? [] : [{ value: last.at / 1000 }],
    ),
    gauge(
      'start_server_last_deploy_successful',
      'Whether the last deploy has succeeded: 1 or 0.',
      last === undefined ? [] : [{ value: last.result === 'succeeded' ? 1 : 0 }],
    ),
  ];
}

function ofSockets(sockets: readonly SocketStatus[]): Family[] {
  // The same name twice (a free port each) would spoil all of it.
  const known = sockets.filter(({ queue }) => queue !== null);
  const named = [...new Map(known.map((each) => [each.name, each])).values()];
  const each = (read: (socket: SocketStatus) => number | null): Sample[] =>
    named.flatMap((socket) => {
      const value = read(socket);
      return value === null ? [] : [{ labels: { socket: socket.name }, value }];
    });
  return [
    gauge(
      'start_server_socket_queue_connections',
      'Connections that wait to be accepted.',
      each(({ queue }) => queue),
    ),
    gauge(
      'start_server_socket_queue_connections_limit',
      'How many connections may wait.',
      each(({ queueLimit }) => queueLimit),
    ),
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'gauge', help, samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'counter', help, samples };
}
