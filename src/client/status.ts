// --status: who serves, as a table or as JSON.

import { isatty } from 'node:tty';
import type { StatusOptions } from '../command-line/invocation.ts';
import { writeAnswer } from '../files/write-answer.ts';
import { writeLine } from '../posix/file/write-line.ts';
import type { Environment } from '../posix/process/caller.ts';
import { printableJson } from '../printable.ts';
import { askStatus } from './ask-status.ts';
import { statusTable } from './status-table.ts';
import { watch } from './watch.ts';

const STDOUT = 1;
const STDERR = 2;

/** Returns the exit status: 0 serving, 1 when no worker serves. Throws StartupError with 3 when no superdaemon runs. */
export async function status(options: StatusOptions, environment: Environment): Promise<number> {
  const { json, watchMs } = options;
  if (watchMs !== undefined) return await watch(options, watchMs, environment);
  const { report, warning } = await askStatus(options);
  if (warning !== undefined) writeLine(STDERR, `start-server: warning: ${warning}`);
  writeAnswer(
    json
      ? printableJson(JSON.stringify(report, undefined, 2))
      : statusTable(report, { colour: isatty(STDOUT) && wantsColour(environment) }),
  );
  return report.serving ? 0 : 1;
}

/** See no-color.org. */
function wantsColour(environment: Environment): boolean {
  return !environment.get('NO_COLOR') && environment.get('TERM') !== 'dumb';
}
