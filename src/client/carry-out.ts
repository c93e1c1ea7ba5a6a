// What a superdaemon is asked to do over its control socket alone: no signal stands for it.

import type { ClientOptions } from '../command-line/invocation.ts';
import type { Wish } from '../control/protocol.ts';
import { StartupError } from '../startup-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { ask } from './ask.ts';
import { follow } from './follow.ts';
import { findRunning } from './running.ts';
import { timeLimit } from './time-limit.ts';

export interface Order {
  readonly wish: Wish;
  /** What the superdaemon cannot be asked where it has no control socket: `to scale`. */
  readonly asked: string;
  /** What may end without an answer. */
  readonly what: string;
  /** Once it has been asked; `request` is the number that it has given to that. */
  readonly begin: (request: number, pid: number) => Answering;
}

export interface Answering {
  /** What is waited for. */
  readonly describe: () => string;
  /** Throws StartupError when this event says that nothing comes of it. */
  readonly isDone: (event: LogEvent) => boolean;
}

/** Throws StartupError with exit status 1 when it cannot be done, 2 when the time is up, 3 when no superdaemon runs. */
export async function carryOut(
  { pidFile, waitTimeoutMs, quiet }: Pick<ClientOptions, 'pidFile' | 'waitTimeoutMs' | 'quiet'>,
  { wish, asked, what, begin }: Order,
): Promise<void> {
  const asking = { limit: timeLimit(waitTimeoutMs), quiet };
  using superdaemon = await findRunning(pidFile, asking.limit);
  const { pid } = superdaemon;
  using control = await ask(superdaemon, wish, asking);
  if (control === undefined) {
    throw new StartupError(`--pid-file=${pidFile}: superdaemon ${pid} cannot be asked ${asked}`);
  }
  const { describe, isDone } = begin(control.hello.request, pid);
  await follow(control, { superdaemon, pidFile, what, describe, ...asking }, isDone);
}
