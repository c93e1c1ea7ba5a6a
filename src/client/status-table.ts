// --status for people.

import { printable } from '../printable.ts';
import type { FailureStatus, StatusReport, WorkerStatus } from './status-report.ts';

/** Select Graphic Rendition. */
const SGR = { bold: 1, red: 31, green: 32, yellow: 33, grey: 90 } as const;

const STYLES: Readonly<Record<WorkerStatus['role'], keyof typeof SGR>> = {
  current: 'green',
  starting: 'yellow',
  canary: 'yellow',
  old: 'grey',
  leaving: 'grey',
};

const HEADINGS = [
  'GENERATION',
  'WORKER',
  'ROLE',
  'PID',
  'MAIN PID',
  'UP SINCE',
  'MEMORY',
  'DIRECTORY',
  'COMMAND',
  'STATUS',
] as const;
const RIGHT: ReadonlySet<string> = new Set(['GENERATION', 'WORKER', 'PID', 'MAIN PID', 'MEMORY']);
const UNKNOWN = '-';

export function statusTable(report: StatusReport, colour: boolean): string {
  const { superdaemon, serving, workers, lastFailure, unreachable = [], left = [] } = report;
  const style = (name: keyof typeof SGR, text: string) =>
    colour ? `\u001b[${SGR[name]}m${text}\u001b[0m` : text;
  const version = superdaemon.version === null ? '' : `, version ${printable(superdaemon.version)}`;
  const verdict = serving ? style('green', 'serving') : style('red', 'not serving');
  const lost = unreachable.map((option) => style('red', `nobody can connect: ${printable(option)}`));
  const stays = left.map(({ pid, generation, command }) =>
    style('red', `left behind by generation ${generation}: process ${pid} ${printable(command)}`),
  );
  const about = [
    `superdaemon ${superdaemon.pid}${version}: ${verdict}`,
    ...lost,
    ...stays,
    ...failureLine(lastFailure),
  ];
  const first = about.join('\n');
  if (workers.length === 0) return `${first}\nno workers`;
  const [headings = '', ...rows] = aligned([[...HEADINGS], ...workers.map(cellsOf)]);
  const styled = rows.map((row, index) => style(STYLES[workers[index]?.role ?? 'old'], row));
  return [first, style('bold', headings), ...styled].join('\n');
}

function failureLine(failure: FailureStatus | null): string[] {
  if (failure === null) return [];
  const { reason, at, attempts, nextAttemptAt } = failure;
  const inARow = attempts > 1 ? [`${attempts} in a row`] : [];
  const next = nextAttemptAt === null ? [] : [`next attempt at ${localTime(new Date(nextAttemptAt))}`];
  const facts = [`at ${localTime(new Date(at))}`, ...inARow, ...next].join(', ');
  return [`last failure: ${printable(reason)} (${facts})`];
}

function cellsOf({
  generation,
  worker,
  role,
  pid,
  mainPid,
  upSince,
  memoryBytes,
  command,
  status,
  directory = '',
}: WorkerStatus): string[] {
  return [
    String(generation),
    worker === undefined ? '' : String(worker),
    role,
    String(pid),
    mainPid === undefined ? '' : String(mainPid),
    upSince === null ? UNKNOWN : localTime(new Date(upSince)),
    memoryBytes === null ? UNKNOWN : `${(memoryBytes / 2 ** 20).toFixed(1)} MiB`,
    printable(directory),
    command === null ? UNKNOWN : printable(command.join(' ')),
    status === null ? '' : printable(status),
  ];
}

/** 2026-01-31 23:59:59. */
function localTime(time: Date): string {
  const shifted = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19).replace('T', ' ');
}

/** A column that is empty but for its heading is left out. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const kept = HEADINGS.map((_, column) => rows.slice(1).some((row) => row[column] !== ''));
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return RIGHT.has(HEADINGS[column] ?? '') ? cell.padStart(width) : cell.padEnd(width);
    });
    return cells
      .filter((_, column) => kept[column])
      .join('  ')
      .trimEnd();
  });
}
