// The workers in the table of --status.

import type { WorkerStatus } from '../control/status-report.ts';
import { printable } from '../printable.ts';
import { type Heading, inColumns } from './columns.ts';
import type { ShareOf } from './cpu-shares.ts';
import { localTime } from './local-time.ts';
import { processorTime } from './processor-time.ts';
import type { Line, Style } from './styled.ts';

export const UNKNOWN = '-';

const STYLES: Readonly<Record<WorkerStatus['role'], Style>> = {
  current: 'green',
  starting: 'yellow',
  canary: 'yellow',
  old: 'grey',
  leaving: 'grey',
};

/** A worker that is older, larger than it may be, or has asked: another one takes its place. */
const RECYCLED_FOR: Readonly<Record<NonNullable<WorkerStatus['recycling']>, string>> = {
  age: 'age',
  memory: 'memory',
  asked: 'REPLACE=1',
};

const WORKER: readonly Heading[] = [
  { name: 'GENERATION', right: true },
  { name: 'WORKER', right: true },
  { name: 'ROLE' },
  { name: 'RECYCLED FOR' },
  { name: 'PID', right: true },
  { name: 'MAIN PID', right: true },
  { name: 'UP SINCE' },
  { name: 'MEMORY', right: true },
  { name: '%CPU', right: true },
  { name: 'CPU', right: true },
  { name: 'DIRECTORY' },
  { name: 'COMMAND' },
  { name: 'STATUS' },
];

/** Without `shareOf` there is no column for it. */
export function workersTable(workers: readonly WorkerStatus[], shareOf?: ShareOf): Line[] {
  if (workers.length === 0) return [[{ text: 'no workers' }]];
  const [headings = '', ...rows] = inColumns(
    WORKER,
    workers.map((each) => workerCells(each, shareOf)),
  );
  const styleOf = (index: number) => STYLES[workers[index]?.role ?? 'old'];
  return [
    [{ text: headings, style: 'bold' }],
    ...rows.map((text, index) => [{ text, style: styleOf(index) }]),
  ];
}

function workerCells(shown: WorkerStatus, shareOf: ShareOf | undefined): string[] {
  const { generation, worker, role, pid, mainPid, upSince, memoryBytes, cpuSeconds } = shown;
  const { command, status, directory = '', recycling } = shown;
  return [
    String(generation),
    worker === undefined ? '' : String(worker),
    role,
    recycling === undefined ? '' : RECYCLED_FOR[recycling],
    String(pid),
    mainPid === undefined ? '' : String(mainPid),
    upSince === null ? UNKNOWN : localTime(new Date(upSince)),
    memoryBytes === null ? UNKNOWN : `${(memoryBytes / 2 ** 20).toFixed(1)} MiB`,
    shareOf === undefined ? '' : percent(shareOf(shown)),
    cpuSeconds === null ? UNKNOWN : processorTime(cpuSeconds),
    printable(directory),
    command === null ? UNKNOWN : printable(command.join(' ')),
    status === null ? '' : printable(status),
  ];
}

function percent(share: number | undefined): string {
  return share === undefined ? UNKNOWN : `${Math.round(share * 100)}%`;
}
