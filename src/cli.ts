// argv → command. The only place that prints a failure and sets the exit status.

import './posix/process/own-node.ts';
import { parseOptions, wantsJson } from './command-line/options.ts';
import { closeOutput, writeAnswer } from './files/write-answer.ts';
import { writeLine } from './posix/file/write-line.ts';
import { exitNow } from './posix/libc/libc.ts';
import { refusedCall } from './posix/libc/system-error.ts';
import { type Caller, readCaller, readPredecessor, wasOutputClosed } from './posix/process/caller.ts';
import { printableLines } from './printable.ts';
import { start } from './start/start.ts';
import { StartupError } from './startup-error.ts';
import { logLine } from './superdaemon/log-line.ts';

/** Returns the exit status. What clients need is loaded for them alone: the resident process does without. */
async function main(caller: Caller, failing: Failing): Promise<number> {
  const line = { words: caller.words, posixlyCorrect: caller.environment.has('POSIXLY_CORRECT') };
  failing.inJson = () => wantsJson(line);
  const invocation = parseOptions(line);
  if (invocation.kind !== 'start' && wasOutputClosed()) closeOutput();
  if ('ignored' in invocation && invocation.ignored !== undefined)
    writeLine(2, `start-server: warning: ${invocation.ignored}`);
  switch (invocation.kind) {
    case 'print':
      writeAnswer(invocation.text);
      return 0;
    case 'completion':
      writeAnswer(
        (await import('./command-line/completion/completion.ts')).completion(invocation.shell).trimEnd(),
      );
      return 0;
    case 'dry-run':
      await (await import('./start/dry-run.ts')).dryRun(invocation.options, caller);
      return 0;
    case 'print-unit':
      await (await import('./start/unit/print-unit.ts')).printUnit(invocation, caller);
      return 0;
    case 'start': {
      const { options } = invocation;
      if (options.daemonize && caller.launcher === undefined)
        return (await import('./start/daemonize.ts')).daemonize(caller);
      await start(options, caller);
      return 0;
    }
    default:
      return (await import('./client/run-client.ts')).runClient(invocation, caller.environment);
  }
}

/** A failure is told as the log would tell it. */
interface Failing {
  inJson: () => boolean;
}

async function exitStatus(): Promise<number> {
  const failing: Failing = { inJson: () => false };
  try {
    const before = readPredecessor();
    if (before !== undefined) {
      return await (await import('./upgrade/successor.ts')).runSuccessor(before, (options, ...rest) => {
        failing.inJson = () => options.logFormat === 'json';
        return start(options, ...rest);
      });
    }
    return await main(readCaller(), failing);
  } catch (error) {
    const format = failing.inJson() ? (await import('./files/json-format.ts')).jsonFormat() : logLine;
    for (const reason of failureLines(error)) {
      writeLine(2, format({ event: 'start-failed', reason: printableLines(reason) }, Date.now()) ?? reason);
    }
    return error instanceof StartupError ? error.exitStatus : 1;
  }
}

/** A call that nobody foresaw to fail (of descriptors there are too few, say) is no fault of ours. */
function failureLines(error: unknown): string[] {
  if (error instanceof StartupError) return error.message.split('\n');
  const refused = refusedCall(error);
  if (refused !== undefined) return [`cannot go on, the system refuses ${refused}`];
  return [`internal error: ${error instanceof Error ? error.stack : String(error)}`];
}

// Not process.exit: it waits for libuv's threads, and one of them may hang in a write to a stalled reader.
exitStatus().then(exitNow);
