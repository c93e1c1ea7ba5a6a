// A fault of the host's costs the action at hand: it is logged with its stack, and every decision stands. So nothing
// behind this file has to think of a call of the host's that throws.

import type { Host, Policy } from './host.ts';
import { internalError } from './log-event.ts';

/** `policy`: the last one, of the program before this one. */
export function guardedHost(host: Host, policy?: Policy): Host {
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
  let last = policy;
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
    prove: (table) =>
      guard(
        () => host.prove(table),
        (error) => ({ kind: 'failed', reason: String(error) }),
      ),
    cancelProof: () => guard(host.cancelProof, () => {}),
    cancelCheck: () => guard(host.cancelCheck, () => {}),
    spawn: (generation) =>
      guard(
        () => host.spawn(generation),
        (error) => ({ kind: 'failed', reason: String(error) }),
      ),
    policy: () => {
      const before = last;
      // The first one has nothing to fall back on: it is part of the set-up.
      last = before === undefined ? host.policy() : guard(host.policy, () => before);
      return last;
    },
  };
}
