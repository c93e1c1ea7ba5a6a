import { constants, openSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';

/**
 * Returns what hears the log. A terminal that is closed hangs up on those whom it controls: to us HUP is a deploy, as to the
 * reference, and we live on; whoever reads the log is to know why. `gone` is called once.
 */
export function whenTerminalGoes(gone: () => void): (event: LogEvent) => void {
  let had = hasTerminal();
  return ({ event }) => {
    if (event !== 'hup' || !had || hasTerminal()) return;
    had = false;
    gone();
  };
}

function hasTerminal(): boolean {
  try {
    closeQuietly(openSync('/dev/tty', constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY));
    return true;
  } catch {
    return false;
  }
}
