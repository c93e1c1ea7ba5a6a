// --status: who serves, asked of the superdaemon itself. One that cannot be asked (the reference, another version), or does
// not answer soon, has its status file.

import { isatty } from 'node:tty';
import type { StatusOptions } from '../command-line/invocation.ts';
import { reportOfFile, reportOfHello } from '../control/report-status.ts';
import type { StatusReport } from '../control/status-report.ts';
import { writeAnswer } from '../files/write-answer.ts';
import { writeLine } from '../posix/file/write-line.ts';
import type { Environment } from '../posix/process/caller.ts';
import { printableJson } from '../printable.ts';
import { StartupError } from '../startup-error.ts';
import { ask } from './ask.ts';
import { findRunning, type Running } from './running.ts';
import { statusTable } from './status-table.ts';
import { timeLimit } from './time-limit.ts';

const STDOUT = 1;
const STDERR = 2;
/** Who looks at it wants an answer, if only that there is none. */
const PATIENCE_MS = 10_000;

/** Returns the exit status: 0 serving, 1 when no worker serves. Throws StartupError with 3 when no superdaemon runs. */
export async function status(options: StatusOptions, environment: Environment): Promise<number> {
  using superdaemon = await findRunning(options.pidFile, undefined);
  const report = await reportOn(superdaemon, options);
  const text = options.json
    ? printableJson(JSON.stringify(report, undefined, 2))
    : statusTable(report, { colour: isatty(STDOUT) && wantsColour(environment) });
  writeAnswer(text);
  return report.serving ? 0 : 1;
}

async function reportOn(superdaemon: Running, options: StatusOptions): Promise<StatusReport> {
  const { pid } = superdaemon;
  const { pidFile, statusFile, waitTimeoutMs } = options;
  const limit = timeLimit(Number.isFinite(waitTimeoutMs) ? waitTimeoutMs : PATIENCE_MS);
  try {
    using control = await ask(superdaemon, 'status', { limit, quiet: true });
    if (control !== undefined) return reportOfHello(control.hello, pid);
  } catch (error) {
    if (statusFile === undefined || !(error instanceof StartupError)) throw error;
    writeLine(STDERR, `start-server: warning: ${error.message}; this is what its status file says`);
  }
  if (statusFile !== undefined) return reportOfFile(pid, statusFile);
  throw new StartupError(
    `--pid-file=${pidFile}: superdaemon ${pid} does not answer: --status needs its --status-file`,
  );
}

/** See no-color.org. */
function wantsColour(environment: Environment): boolean {
  return !environment.get('NO_COLOR') && environment.get('TERM') !== 'dumb';
}
