import { findRunning, until } from './running.ts';

/** Sends TERM; resolves when the superdaemon has really gone, and its workers before it. */
export async function stop({ pidFile }: { readonly pidFile: string }): Promise<void> {
  using superdaemon = findRunning(pidFile);
  superdaemon.signal('SIGTERM');
  await until(superdaemon.isGone);
}
