// A fault of the host's costs the action at hand: it is logged with its stack, and every decision stands. So nothing
// behind this file has to think of a call of the host's that throws.

import type { Host, Policy } from './host.ts';
import { internalError } from './log-event.ts';

export function guardedHost(host: Host): Host {
  const log: Host['log'] = (entry) => {
    try {
      host.log(entry);
    } catch {
      // There is no other place to tell it.
    }
  };
  const guard = <Result>(act: () => Result, otherwise: (error: unknown) => Result): Result => {
    try {
      return act();
    } catch (error) {
      log(internalError(error));
      return otherwise(error);
    }
  };
  let policy: Policy | undefined;
  return {
    now: host.now,
    nextEvent: host.nextEvent,
    log,
    signal: (pid, signal) =>
      guard(
        () => host.signal(pid, signal),
        () => {},
      ),
    publish: (generations) =>
      guard(
        () => host.publish(generations),
        () => {},
      ),
    check: (generation) =>
      guard(
        () => host.check(generation),
        (error) => ({ kind: 'failed', reason: String(error) }),
      ),
    cancelCheck: () => guard(host.cancelCheck, () => {}),
    spawn: (generation) =>
      guard(
        () => host.spawn(generation),
        (error) => ({ kind: 'failed', reason: String(error) }),
      ),
    policy: () => {
      const last = policy;
      // The first one has nothing to fall back on: it is part of the set-up.
      policy = last === undefined ? host.policy() : guard(host.policy, () => last);
      return policy;
    },
  };
}
