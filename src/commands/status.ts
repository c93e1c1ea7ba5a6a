// --status: who serves, asked of the superdaemon itself. One that cannot be asked (the reference, another version) has its
// status file.

import { isatty } from 'node:tty';
import { connectControl } from '../control/connection.ts';
import type { StatusOptions } from '../invocation.ts';
import type { Environment } from '../posix/caller.ts';
import { writeLine } from '../posix/write-line.ts';
import { StartupError } from '../startup-error.ts';
import { findRunning, type Running } from './running.ts';
import { reportOfFile, reportOfHello, type StatusReport } from './status-report.ts';
import { statusTable } from './status-table.ts';

const STDOUT = 1;

/** Returns the exit status: 0 serving, 1 when no worker serves. Throws StartupError with 3 when no superdaemon runs. */
export async function status(options: StatusOptions, environment: Environment): Promise<number> {
  using superdaemon = await findRunning(options.pidFile, undefined);
  const report = await reportOn(superdaemon, options);
  const text = options.json
    ? JSON.stringify(report, undefined, 2)
    : statusTable(report, isatty(STDOUT) && wantsColour(environment));
  writeLine(STDOUT, text);
  return report.serving ? 0 : 1;
}

async function reportOn(superdaemon: Running, { pidFile, statusFile }: StatusOptions): Promise<StatusReport> {
  using control = await connectControl(superdaemon, 'status');
  if (control !== undefined) return reportOfHello(control.hello, superdaemon.pid);
  if (statusFile !== undefined) return reportOfFile(superdaemon.pid, statusFile);
  throw new StartupError(
    `--pid-file=${pidFile}: superdaemon ${superdaemon.pid} does not answer: --status needs its --status-file`,
  );
}

/** See no-color.org. */
function wantsColour(environment: Environment): boolean {
  return !environment.get('NO_COLOR') && environment.get('TERM') !== 'dumb';
}
