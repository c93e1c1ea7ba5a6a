// How a superdaemon is: by its own words, or, where it cannot be asked (the reference, another version) or does not answer soon,
// by its status file.

import type { StatusOptions } from '../command-line/invocation.ts';
import type { Connection } from '../control/connection.ts';
import type { Hello } from '../control/protocol.ts';
import { reportOfFile, reportOfHello } from '../control/report-status.ts';
import type { StatusReport } from '../control/status-report.ts';
import { StartupError } from '../startup-error.ts';
import { anothersWords } from './another-user.ts';
import { ask, stoppedWords } from './ask.ts';
import { findRunning, type Running } from './running.ts';
import { timeLimit } from './time-limit.ts';

export interface Answer {
  readonly report: StatusReport;
  /** Why it is not the superdaemon's own. */
  readonly warning?: string;
}

/** Who looks at it wants an answer, if only that there is none. */
export const LOOK_PATIENCE_MS = 10_000;

export type Asked = Pick<StatusOptions, 'pidFile' | 'statusFile' | 'waitTimeoutMs'>;

/** Throws StartupError, with 3 when no superdaemon runs. */
export async function askStatus(options: Asked): Promise<Answer> {
  using superdaemon = await findRunning(options.pidFile, undefined, options.statusFile);
  const limit = limitOf(options);
  return await answerOf(superdaemon, options, async () => {
    using control = await ask(superdaemon, 'status', { limit, quiet: true });
    return control?.hello;
  });
}

export interface StatusAsker extends Disposable {
  /** Throws as `askStatus` does. */
  ask(): Promise<Answer>;
}

/** For who asks again and again: over one connection, as long as that stands. */
export function statusAsker(options: Asked): StatusAsker {
  let kept: { readonly superdaemon: Running; readonly control: Connection | undefined } | undefined;
  const drop = () => {
    kept?.control?.[Symbol.dispose]();
    kept?.superdaemon[Symbol.dispose]();
    kept = undefined;
  };
  const again = async () => {
    const { superdaemon, control } = kept ?? {};
    if (superdaemon === undefined || control === undefined) return undefined;
    const describe = () => stoppedWords(superdaemon.pid) ?? `superdaemon ${superdaemon.pid} does not answer`;
    return await limitOf(options).within(control.again(), describe);
  };
  const anew = async () => {
    drop();
    const superdaemon = await findRunning(options.pidFile, undefined, options.statusFile);
    kept = { superdaemon, control: undefined };
    return await answerOf(superdaemon, options, async () => {
      const asking = { limit: limitOf(options), quiet: true };
      const control = await ask(superdaemon, { request: 'status', again: true }, asking);
      kept = { superdaemon, control };
      return control?.hello;
    });
  };
  return {
    ask: async () => {
      const { superdaemon } = kept ?? {};
      try {
        const hello = await again();
        return superdaemon === undefined || hello === undefined
          ? await anew()
          : { report: reportOfHello(hello, superdaemon.pid) };
      } catch (error) {
        // What comes late would be taken for the answer to the next question.
        drop();
        throw error;
      }
    },
    [Symbol.dispose]: drop,
  };
}

function limitOf({ waitTimeoutMs }: Asked) {
  return timeLimit(Number.isFinite(waitTimeoutMs) ? waitTimeoutMs : LOOK_PATIENCE_MS);
}

async function answerOf(
  { pid }: Running,
  { pidFile, statusFile }: Asked,
  hear: () => Promise<Hello | undefined>,
): Promise<Answer> {
  try {
    const hello = await hear();
    if (hello !== undefined) return { report: reportOfHello(hello, pid) };
  } catch (error) {
    if (statusFile === undefined || !(error instanceof StartupError)) throw error;
    const warning = `${error.message}; this is what its status file says`;
    return { report: reportOfFile(pid, statusFile), warning };
  }
  if (statusFile !== undefined) return { report: reportOfFile(pid, statusFile) };
  const anothers = anothersWords(pid);
  const why = anothers && `${anothers}, or give its --status-file`;
  const otherwise = `superdaemon ${pid} does not answer: --status needs its --status-file`;
  throw new StartupError(`--pid-file=${pidFile}: ${why ?? otherwise}`);
}
