// --metrics: for Prometheus, printed or put into a file as a whole, for who asks again and again.

import type { MetricsOptions } from '../command-line/invocation.ts';
import { replaceFile } from '../files/replace-file.ts';
import { writeAnswer } from '../files/write-answer.ts';
import { metricsOfHello } from '../metrics/report-metrics.ts';
import { reason } from '../posix/libc/system-error.ts';
import { StartupError } from '../startup-error.ts';
import { cannotAsk } from './another-user.ts';
import { ask } from './ask.ts';
import { LOOK_PATIENCE_MS } from './ask-status.ts';
import { findRunning } from './running.ts';
import { timeLimit } from './time-limit.ts';

/** Throws StartupError, with 3 when no superdaemon runs. */
export async function metrics({ pidFile, waitTimeoutMs, metricsFile }: MetricsOptions): Promise<void> {
  using superdaemon = await findRunning(pidFile, undefined);
  const { pid } = superdaemon;
  const limit = timeLimit(Number.isFinite(waitTimeoutMs) ? waitTimeoutMs : LOOK_PATIENCE_MS);
  using control = await ask(superdaemon, 'status', { limit, quiet: true });
  const text = control && metricsOfHello(control.hello, pid, metricsFile ?? pidFile);
  if (text === undefined) {
    const whose = `superdaemon ${pid}, version ${control?.hello.version ?? 'unknown'},`;
    throw cannotAsk(pidFile, pid, `${whose} counts nothing: upgrade it first`);
  }
  if (metricsFile === undefined) writeAnswer(text);
  else write(metricsFile, text);
}

function write(path: string, text: string): void {
  try {
    replaceFile(path, `${text}\n`, 0o644);
  } catch (error) {
    throw new StartupError(`--metrics-file=${path}: cannot write: ${reason(error)}`, { cause: error });
  }
}
