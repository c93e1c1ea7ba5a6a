// The options: all rows, in their groups.

import { care } from './rows/care.ts';
import { control, other } from './rows/control.ts';
import { deploy } from './rows/deploy.ts';
import { files } from './rows/files.ts';
import { pool } from './rows/pool.ts';
import { privileges } from './rows/privileges.ts';
import type { OptionGroup, OptionRow } from './rows/row.ts';
import { sockets } from './rows/sockets.ts';
import { started, worker } from './rows/worker.ts';

/** As --help=all, the manual page and the reference show them. */
export const optionGroups: readonly OptionGroup[] = [
  sockets,
  worker,
  started,
  pool,
  deploy,
  care,
  privileges,
  files,
  control,
  other,
];

export const optionRows: readonly OptionRow[] = optionGroups.flatMap(({ rows }) => rows);

/** Names that the reference does not know. */
export const beyondReference: ReadonlySet<string> = new Set(
  optionRows.filter(({ ours }) => ours).map(({ name }) => name),
);

export const purpose =
  'Binds the sockets, starts the program with them inherited, and on SIGHUP starts a new generation of it ' +
  'before the old one is told to go: no connection is refused or lost.';
