// The service manager's store of descriptors (sd_pid_notify_with_fds(3)): what is in it outlives us, and is given to the next of
// us by LISTEN_FDS. It is told of each by name; of one that it has already it takes no second.

import { errorCode, reason } from '../posix/libc/system-error.ts';
import type { Environment } from '../posix/process/caller.ts';
import { descriptorSender } from '../posix/socket/send-descriptor.ts';
import { notifyAddress } from './notify-address.ts';
import { FULL, RETRY_MS } from './outbox.ts';

export interface StoredDescriptor {
  readonly name: string;
  readonly fd: number;
}

export interface FdStore extends Disposable {
  /** From now on it has these, and no others of ours. */
  keep(wanted: readonly StoredDescriptor[]): void;
  /** The names that it has, for the successor. */
  forSuccessor(): readonly string[];
}

/** `known`: the names that it has already. undefined where there is no service manager. */
export function fdStore(
  environment: Environment,
  known: readonly string[],
  warn: (message: string) => void,
): FdStore | undefined {
  const address = notifyAddress(environment);
  if (address === undefined) return undefined;
  const send = descriptorSender(address);
  const stored = new Set(known);
  let wanted: readonly StoredDescriptor[] = [];
  let retry: NodeJS.Timeout | undefined;
  const bringUpToDate = () => {
    for (const name of [...stored]) {
      if (wanted.some((each) => each.name === name)) continue;
      send(`FDSTOREREMOVE=1\nFDNAME=${name}\n`, undefined);
      stored.delete(name);
    }
    for (const { name, fd } of wanted) {
      if (stored.has(name)) continue;
      // Polled it would be dropped as soon as a worker shuts it down, which we put right.
      send(`FDSTORE=1\nFDPOLL=0\nFDNAME=${name}\n`, fd);
      stored.add(name);
    }
  };
  const attempt = () => {
    clearTimeout(retry);
    try {
      bringUpToDate();
    } catch (error) {
      if (FULL.includes(errorCode(error) ?? '')) retry = setTimeout(attempt, RETRY_MS);
      else warn(`the service manager does not take the sockets: ${reason(error)}`);
    }
  };
  return {
    keep: (now) => {
      wanted = now;
      attempt();
    },
    forSuccessor: () => [...stored],
    [Symbol.dispose]: () => clearTimeout(retry),
  };
}
