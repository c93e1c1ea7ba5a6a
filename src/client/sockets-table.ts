// The sockets in --status.

import type { SocketStatus } from '../control/status-report.ts';
import { printable } from '../printable.ts';
import { type Heading, inColumns } from './columns.ts';
import type { Line } from './styled.ts';
import { UNKNOWN } from './workers-table.ts';

const SOCKET: readonly Heading[] = [
  { name: 'SOCKET' },
  { name: 'QUEUE', right: true },
  { name: 'LIMIT', right: true },
];

export function socketsTable(sockets: readonly SocketStatus[]): Line[] {
  if (sockets.length === 0) return [];
  const cell = (number: number | null) => (number === null ? UNKNOWN : String(number));
  const rows = sockets.map(({ option, queue, queueLimit, earlier }) => [
    `${printable(option)}${earlier ? ', until its last worker has gone' : ''}`,
    cell(queue),
    cell(queueLimit),
  ]);
  const [headings = '', ...lines] = inColumns(SOCKET, rows);
  return [[], [{ text: headings, style: 'bold' }], ...lines.map((text) => [{ text }])];
}
