// argv → command. The only place that prints a failure and sets the exit status.

import './posix/own-node.ts';
import { start } from './commands/start.ts';
import { parseOptions } from './options.ts';
import { type Caller, readCaller, readPredecessor } from './posix/caller.ts';
import { exitNow } from './posix/libc.ts';
import { writeLine } from './posix/write-line.ts';
import { printableLines } from './printable.ts';
import { StartupError } from './startup-error.ts';
import { logLine } from './superdaemon/log-event.ts';
import { writeAnswer } from './write-answer.ts';

/** Returns the exit status. What clients need is loaded for them alone: the resident process does without. */
async function main(caller: Caller, failing: Failing): Promise<number> {
  const posixlyCorrect = caller.environment.has('POSIXLY_CORRECT');
  const invocation = parseOptions({ words: caller.words, posixlyCorrect });
  if ('ignored' in invocation && invocation.ignored !== undefined)
    writeLine(2, `start-server: warning: ${invocation.ignored}`);
  switch (invocation.kind) {
    case 'print':
      writeAnswer(invocation.text);
      return 0;
    case 'completion':
      writeAnswer((await import('./completion/completion.ts')).completion(invocation.shell).trimEnd());
      return 0;
    case 'restart':
      await (await import('./commands/restart.ts')).restart(invocation.options);
      return 0;
    case 'cancel':
      await (await import('./commands/cancel.ts')).cancel(invocation.options);
      return 0;
    case 'stop':
      await (await import('./commands/stop.ts')).stop(invocation.options);
      return 0;
    case 'upgrade':
      await (await import('./commands/upgrade.ts')).upgrade(invocation.options);
      return 0;
    case 'scale':
      await (await import('./commands/scale.ts')).scale(invocation.options);
      return 0;
    case 'status':
      return (await import('./commands/status.ts')).status(invocation.options, caller.environment);
    case 'dry-run':
      await (await import('./commands/dry-run.ts')).dryRun(invocation.options, caller);
      return 0;
    case 'start': {
      const { options } = invocation;
      failing.inJson = options.logFormat === 'json';
      if (options.daemonize && caller.launcher === undefined)
        return (await import('./commands/daemonize.ts')).daemonize(caller);
      await start(options, caller);
      return 0;
    }
  }
}

/** A failure is told as the log would tell it, once that is known. */
interface Failing {
  inJson: boolean;
}

async function exitStatus(): Promise<number> {
  const failing: Failing = { inJson: false };
  try {
    const before = readPredecessor();
    if (before !== undefined) return await (await import('./commands/succeed.ts')).succeed(before);
    return await main(readCaller(), failing);
  } catch (error) {
    const format = failing.inJson ? (await import('./files/json-format.ts')).jsonFormat() : logLine;
    for (const reason of failureLines(error)) {
      writeLine(2, format({ event: 'start-failed', reason: printableLines(reason) }) ?? reason);
    }
    return error instanceof StartupError ? error.exitStatus : 1;
  }
}

function failureLines(error: unknown): string[] {
  if (error instanceof StartupError) return error.message.split('\n');
  return [`internal error: ${error instanceof Error ? error.stack : String(error)}`];
}

// Not process.exit: it waits for libuv's threads, and one of them may hang in a write to a stalled reader.
exitStatus().then(exitNow);
