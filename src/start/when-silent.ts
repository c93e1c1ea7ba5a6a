// --as=node waits for a word that no other program says.

import type { StartOptions } from '../command-line/invocation.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

/** Returns a subscriber that says so, once, when the first worker that is waited for says nothing. */
export function whenSilent(
  { server, readiness }: StartOptions,
  warn: (message: string) => void,
): (event: LogEvent) => void {
  let isWaiting = server === 'node' && readiness.kind === 'notify';
  return ({ event }) => {
    if (!isWaiting || (event !== 'worker-late' && event !== 'worker-started')) return;
    isWaiting = false;
    if (event === 'worker-started') return;
    warn(
      '--as=node: no Node program below the worker listens on all of the sockets; --ready=interval does not wait for one',
    );
  };
}
