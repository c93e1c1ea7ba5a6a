// --help: one screen of 24 lines and 80 columns.

import { optionRows } from '../option-table.ts';
import type { OptionRow } from '../rows/row.ts';

export function briefHelp(): string {
  return [
    'Usage: start-server [options] -- program [args...]',
    '',
    'Binds the sockets, starts the program with them inherited, and on SIGHUP starts',
    'a new generation of it before the old one is told to go.',
    '',
    ...optionRows.flatMap(briefLine),
    '',
    'A worker does not bind: its sockets are open. SERVER_STARTER_PORT says at which',
    'descriptors: 8080=3;/run/app.sock=4. In Node: server.listen({ fd: 3 })',
    '',
    '  start-server --port=8080 --pid-file=pid --status-file=st -- node server.js',
    '  start-server --restart --pid-file=pid',
    '',
    'The other options, the signals: start-server --help=all, man start-server',
  ].join('\n');
}

function briefLine({ name, value, brief }: OptionRow): string[] {
  if (brief === undefined) return [];
  const option = value === undefined ? name : `${name}=${value.name.toUpperCase()}`;
  return [`  --${option}`.padEnd(24) + brief];
}
