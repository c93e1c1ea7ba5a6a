import { closeSync, writeSync } from 'node:fs';
import { pipeNumber } from './descriptor.ts';
import { preload } from './preload.ts';

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
  const text = process.env.NOTIFY_FD;
  if (text === undefined || text === '') return false;
  // Removed first: whatever this program starts has another descriptor at that number.
  delete process.env.NOTIFY_FD;
  const fd = pipeNumber(text);
  try {
    writeSync(fd, status === undefined ? '\n' : `STATUS=${status.replace(/\s+/g, ' ')}\nREADY=1\n`);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return false; // Nobody waits for it any more.
    throw error;
  } finally {
    closeSync(fd);
  }
}
