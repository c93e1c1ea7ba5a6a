// A command that asks a running superdaemon → what carries it out, loaded for it alone.

import type { Invocation, OfClient } from '../command-line/invocation.ts';
import type { Environment } from '../posix/process/caller.ts';

export type ClientInvocation = Extract<Invocation, OfClient>;

/** Returns the exit status. */
export async function runClient(invocation: ClientInvocation, environment: Environment): Promise<number> {
  switch (invocation.kind) {
    case 'restart':
      await (await import('./restart.ts')).restart(invocation.options);
      return 0;
    case 'cancel':
      await (await import('./cancel.ts')).cancel(invocation.options);
      return 0;
    case 'stop':
      await (await import('./stop.ts')).stop(invocation.options);
      return 0;
    case 'upgrade': {
      const { options } = invocation;
      if (options.words === undefined) await (await import('./upgrade.ts')).upgrade(options);
      else await (await import('./reconfigure.ts')).reconfigure(options, options.words);
      return 0;
    }
    case 'scale':
      await (await import('./scale.ts')).scale(invocation.options);
      return 0;
    case 'events':
      await (await import('./events.ts')).events(invocation.options);
      return 0;
    case 'metrics':
      await (await import('./metrics.ts')).metrics(invocation.options);
      return 0;
    case 'status':
      return (await import('./status.ts')).status(invocation.options, environment);
  }
}
