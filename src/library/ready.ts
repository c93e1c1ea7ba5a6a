import { preload } from './preload.ts';
import { superdaemonPipe } from './superdaemon-pipe.ts';

/**
 * Tells the superdaemon (`--ready=notify`) that this worker is ready, on the pipe in NOTIFY_FD: once, later calls do
 * nothing. NOTIFY_SOCKET alone will not do, because Node cannot send Unix datagrams.
 *
 * @param status a line for people, shown by `--status`.
 * @returns whether anybody was told; false when nobody has asked.
 * @throws Error when NOTIFY_FD is not the number of an open pipe.
 */
export function ready(status?: string): boolean {
  const preloaded = preload();
  if (preloaded !== undefined) return preloaded.ready(status);
  const pipe = superdaemonPipe();
  if (pipe === undefined || pipe.isReady) return false;
  pipe.isReady = true;
  return pipe.write(status === undefined ? '\n' : `STATUS=${status.replace(/\s+/g, ' ')}\nREADY=1\n`);
}
