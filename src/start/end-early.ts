import type { StartOptions } from '../command-line/start-options.ts';
import type { Log } from '../host/event-log.ts';
import type { Signal } from '../superdaemon/host.ts';

/** For one that is told to end before there is any worker: says what it would say with workers. */
export async function endEarly(
  received: Signal,
  { options, log }: { readonly options: StartOptions; readonly log: Log },
): Promise<void> {
  const signal = received === 'SIGTERM' ? options.signalOnTerm : 'SIGTERM';
  log.write({ event: 'stopping', received, signal, pids: [] });
  log.write({ event: 'exiting' });
  await log.flush();
}
