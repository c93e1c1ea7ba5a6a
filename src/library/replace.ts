import { superdaemonPipe } from './superdaemon-pipe.ts';

/**
 * Asks the superdaemon to replace this worker, which has grown too large or stale: another one of the same release is started,
 * and when it serves this one is told to go. It goes on serving until then.
 *
 * @returns whether anybody listens (`--ready=notify`, `--watchdog`).
 * @throws Error when NOTIFY_FD is not the number of an open pipe.
 */
export function replace(): boolean {
  return superdaemonPipe()?.write('REPLACE=1\n') ?? false;
}
