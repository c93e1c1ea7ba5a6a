// What one client is still to be told. A client that does not read must not hold us up: what its socket does not take is
// tried again, for a while.

import { writeSync } from 'node:fs';
import { errorCode } from '../posix/libc/system-error.ts';

export interface Outbox extends Disposable {
  /** ASCII. */
  say(text: string): void;
  /** For the successor. */
  readonly unsent: string;
}

export interface Mail {
  readonly fd: number;
  /** What another program of this process has left. */
  readonly unsent: string;
  /** Nothing is left to be said. */
  readonly onEmpty: () => void;
  /** Whether one that does not read is given up in the end; otherwise it is tried less often. */
  readonly givesUp: () => boolean;
  /** The client has gone, or does not listen. */
  readonly onFailure: () => void;
}

const AT_ONCE = 65_536;
const RETRY_MS = 20;
/** For one that does not read, and is not given up. */
const SELDOM_MS = 1000;
/** Tries in a row in which nothing was taken: five seconds. */
const MOST_TRIES = 250;
const MOST_UNSAID = 1_000_000;

export function outbox({ fd, unsent: inherited, onEmpty, givesUp, onFailure }: Mail): Outbox {
  let unsent = inherited;
  let tries = 0;
  let retry: NodeJS.Timeout | undefined;
  const flush = () => {
    retry = undefined;
    const before = unsent.length;
    const outcome = write();
    tries = unsent.length < before ? 0 : tries + 1;
    const stalls = tries > MOST_TRIES;
    if (outcome === 'failed' || (stalls && givesUp())) onFailure();
    else if (unsent === '') onEmpty();
    else retry = setTimeout(flush, stalls ? SELDOM_MS : RETRY_MS);
  };
  const write = (): 'full' | 'failed' | 'all' => {
    try {
      while (unsent !== '') unsent = unsent.slice(writeSync(fd, unsent.slice(0, AT_ONCE), null, 'latin1'));
      return 'all';
    } catch (error) {
      return errorCode(error) === 'EAGAIN' ? 'full' : 'failed';
    }
  };
  if (unsent !== '') retry = setTimeout(flush, 0);
  return {
    say: (text) => {
      if (unsent.length > MOST_UNSAID) return onFailure();
      unsent += text;
      if (retry === undefined) flush();
    },
    get unsent() {
      return unsent;
    },
    [Symbol.dispose]: () => clearTimeout(retry),
  };
}
