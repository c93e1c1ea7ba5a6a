// A fault of the host's costs the action at hand: it is logged with its stack, and every decision stands. So nothing
// behind this file has to think of a call of the host's that throws.

import type { Checking, Host, Policy, Signal, Spawned } from './host.ts';
import { internalError } from './log-event.ts';

/** Signals tell whether they were sent. */
export interface GuardedHost extends Omit<Host, 'signal' | 'signalTree'> {
  signal(pid: number, signal: Signal): boolean;
  signalTree(pid: number, signal: Signal): boolean;
}

/** `policy`: the last one, of the predecessor. */
export function guardedHost(host: Host, policy?: Policy): GuardedHost {
  const log: Host['log'] = (entry) => {
    try {
      host.log(entry);
    } catch {
      // There is no other place to tell it.
    }
  };
  const guard =
    <Words extends unknown[], Result>(
      act: (...words: Words) => Result,
      otherwise: (error: unknown) => Result,
    ) =>
    (...words: Words): Result => {
      try {
        return act(...words);
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
    signal: guard(sending(host.signal), () => false),
    signalTree: guard(sending(host.signalTree), () => false),
    memoryOf: guard(host.memoryOf, () => undefined),
    publish: guard(host.publish, nothing),
    check: guard(host.check, notRun),
    cancelCheck: guard(host.cancelCheck, nothing),
    judge: guard(host.judge, notRun),
    cancelJudgement: guard(host.cancelJudgement, nothing),
    trySuccessor: guard(host.trySuccessor, notRun),
    cancelTrial: guard(host.cancelTrial, nothing),
    spawn: guard(host.spawn, notSpawned),
    outdate: guard(host.outdate, nothing),
    freeze: guard(host.freeze, () => undefined),
    policy: (attempt) => {
      const before = last;
      // The first one has nothing to fall back on: it is part of the set-up.
      last = before === undefined ? host.policy() : guard(host.policy, () => before)(attempt);
      return last;
    },
  };
}

function sending(send: Host['signal']): GuardedHost['signal'] {
  return (pid, signal) => {
    send(pid, signal);
    return true;
  };
}

function nothing(): void {}

function notRun(error: unknown): Checking {
  return { kind: 'failed', reason: String(error) };
}

/** Not the program's doing, and whoever reads the log is to know. */
function notSpawned(error: unknown): Spawned {
  return {
    kind: 'failed',
    reason: `a fault of the superdaemon, not of the program: ${error}`,
    fault: 'superdaemon',
  };
}
