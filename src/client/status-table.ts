// --status for people: about the superdaemon, then its workers and its sockets.

import type { DeployStatus, FailureStatus, StatusReport, WorkerStatus } from '../control/status-report.ts';
import { printable } from '../printable.ts';
import type { ShareOf } from './cpu-shares.ts';
import { localTime } from './local-time.ts';
import { socketsTable } from './sockets-table.ts';
import { type Line, type Look, rendered } from './styled.ts';
import { workersTable } from './workers-table.ts';

export interface Sections {
  readonly about: readonly Line[];
  /** The headings first. */
  readonly workers: readonly Line[];
  readonly sockets: readonly Line[];
}

export function statusTable(report: StatusReport, look: Look): string {
  const { about, workers, sockets } = statusSections(report);
  return [...about, ...workers, ...sockets].map((line) => rendered(line, look)).join('\n');
}

/** `shareOf`: its share of a processor, where that is known. */
export function statusSections(report: StatusReport, shareOf?: ShareOf): Sections {
  const { workers, sockets } = report;
  return {
    about: aboutLines(report),
    workers: workersTable(workers, shareOf),
    sockets: socketsTable(sockets ?? []),
  };
}

/** Other options are tried, or were tried in vain. */
function earlierLine(workers: readonly WorkerStatus[]): Line[] {
  const serves = ({ role }: WorkerStatus) => role === 'current' || role === 'starting';
  const pids = workers.filter((each) => each.earlier && serves(each)).map(({ pid }) => pid);
  if (pids.length === 0) return [];
  return [
    [
      {
        text: `options are new, workers old: ${pids.join(', ')} by the command line before`,
        style: 'yellow',
      },
    ],
  ];
}

function aboutLines({
  superdaemon,
  serving,
  workers,
  unreachable = [],
  left = [],
  going = [],
  ...last
}: StatusReport): Line[] {
  const { pid, version, log } = superdaemon;
  const known = version === null ? '' : `, version ${printable(version)}`;
  const verdict: Line = serving
    ? [{ text: 'serving', style: 'green' }]
    : [{ text: 'not serving', style: 'red' }];
  const bad = (text: string): Line => [{ text, style: 'red' }];
  return [
    [{ text: `superdaemon ${pid}${known}: ` }, ...verdict],
    ...(log === null ? [] : [[{ text: `log: ${printable(log)}` }]]),
    ...unreachable.map((option) => bad(`nobody can connect: ${printable(option)}`)),
    ...left.map(({ pid, generation, command }) =>
      bad(`left behind by generation ${generation}: process ${pid} ${printable(command)}`),
    ),
    ...going.map(({ pid, generation, leftBy, command }): Line => {
      const whose = `of worker ${leftBy} of generation ${generation}`;
      return [{ text: `on its way out: process ${pid} ${whose}, ${printable(command)}`, style: 'grey' }];
    }),
    ...earlierLine(workers),
    ...hooksLine(last.hooks),
    ...deployLine(last.lastDeploy),
    ...failureLine(last.lastFailure),
  ];
}

function hooksLine(hooks: StatusReport['hooks']): Line[] {
  if (hooks === undefined || (hooks.waiting === 0 && hooks.dropped === 0)) return [];
  return [[{ text: `hooks: ${hooks.waiting} events wait, ${hooks.dropped} were dropped` }]];
}

function deployLine(deploy: DeployStatus | null): Line[] {
  if (deploy === null) return [];
  const { result, at, durationSeconds, generation, reason } = deploy;
  const facts = `at ${localTime(new Date(at))}, after ${durationSeconds.toFixed(1)} s`;
  if (result === 'succeeded') return [[{ text: `last deploy: generation ${generation}, ${facts}` }]];
  const why = reason === null ? '' : `: ${printable(reason)}`;
  const text = `last deploy: failed ${facts}, generation ${generation} serves on${why}`;
  return [[{ text, style: 'red' }]];
}

function failureLine(failure: FailureStatus | null): Line[] {
  if (failure === null) return [];
  const { reason, at, attempts, nextAttemptAt } = failure;
  const inARow = attempts > 1 ? [`${attempts} in a row`] : [];
  const next = nextAttemptAt === null ? [] : [`next attempt at ${localTime(new Date(nextAttemptAt))}`];
  const facts = [`at ${localTime(new Date(at))}`, ...inARow, ...next].join(', ');
  return [[{ text: `last failure: ${printable(reason)} (${facts})` }]];
}
