// argv → command. The only place that prints a failure and sets the exit status.

import { start } from './commands/start.ts';
import { parseOptions } from './options.ts';
import { type Caller, readCaller } from './posix/caller.ts';
import { exitNow } from './posix/libc.ts';
import { writeLine } from './posix/write-line.ts';
import { StartupError } from './startup-error.ts';

async function main(caller: Caller): Promise<void> {
  const posixlyCorrect = caller.environment.has('POSIXLY_CORRECT');
  const invocation = parseOptions({ words: caller.words, posixlyCorrect });
  switch (invocation.kind) {
    case 'print':
      return writeLine(1, invocation.text);
    case 'start':
      return start(invocation.options, caller);
  }
}

async function exitStatus(): Promise<number> {
  try {
    await main(readCaller());
    return 0;
  } catch (error) {
    for (const line of failureLines(error)) writeLine(2, `start-server: ${line}`);
    return 1;
  }
}

function failureLines(error: unknown): string[] {
  if (error instanceof StartupError) return error.message.split('\n');
  return [`internal error: ${error instanceof Error ? error.stack : String(error)}`];
}

// Not process.exit: it waits for libuv's threads, and one of them may hang in a write to a stalled reader.
exitStatus().then(exitNow);
