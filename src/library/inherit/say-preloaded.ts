import { kindOf } from '../kind-of.ts';
import type { Lazily } from './inherit.ts';

/** So that the superdaemon can tell a program that fails from one that it does not reach. Only the first process says it. */
export function sayPreloaded(environment: NodeJS.ProcessEnv, lazily: Pick<Lazily, 'fs'>): void {
  const { SERVER_STARTER_ASKS: asks, NOTIFY_FD: text } = environment;
  if (asks === undefined) return;
  delete environment.SERVER_STARTER_ASKS;
  try {
    const fs = lazily.fs();
    // Something on the way may have closed it, and then it is somebody else's.
    const fd = Number(text);
    if (kindOf(fd, fs) === 'pipe') fs.writeSync(fd, 'X_PRELOADED=1\n');
  } catch {
    // Who needs it says so: see superdaemonPipe.
  }
}
