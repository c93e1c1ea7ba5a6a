// A fork of cluster that closes its servers on the signal, and waits for nothing else, would live on for its channel to the
// primary, and the primary for its forks. To disconnect it would close the servers before the program does. So when its
// primary goes, a fork keeps the channel, and no longer lives for it.

import type { ChildProcess } from 'node:child_process';

/** Node gives what begins with NODE_ to nobody who listens to `message`. */
const GOING = { cmd: 'NODE_SUPERDAEMON_GOING' };

/** After the signal, which the fork is to hear first. */
export function sayGoing(fork: ChildProcess): void {
  // One that has ended meanwhile need not hear it.
  if (fork.connected) fork.send(GOING, () => {});
}

/** Of the primary, from which any message may come. */
export function hearGoing(): void {
  if (process.channel === undefined) return;
  const hear = (message: unknown) => {
    if ((message as Partial<typeof GOING> | null)?.cmd !== GOING.cmd) return;
    process.off('internalMessage', hear);
    // The signal has come by now, but Node may look at it only in its next turn, for which the process has to be there.
    setImmediate(() => setImmediate(() => process.channel?.unref()));
  };
  process.on('internalMessage', hear);
}
