// USR2: the program that has proved that it can (trial.ts) takes the place of this one by execve(2): the same process with
// the same children, sockets and locks. No shell runs in between: it would wait for workers, and unblock signals.

import { isPrivate, makeInheritable, makePrivate } from '../posix/file/descriptor.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { execve } from '../posix/libc/libc-upgrade.ts';
import { cStrings } from '../posix/libc/string-vector.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { Caller, Environment } from '../posix/process/caller.ts';
import { environmentBytes } from '../posix/process/environment-strings.ts';
import { holdSignals } from '../posix/process/hold-signals.ts';
import { terminated } from '../posix/process/spawn.ts';
import { environmentFor, type PackedState, packState } from './packed-state.ts';
import { descriptorsOf } from './state-text.ts';
import { identityOf, type TriedProgram } from './trial.ts';
import type { UpgradeState } from './upgrade-state.ts';

/**
 * Lets the new program take the place of this one, and never returns. Throws Error when that fails: then nothing has
 * changed.
 */
export async function execSuccessor(
  collect: () => UpgradeState,
  caller: Caller,
  tried: TriedProgram,
): Promise<never> {
  using _signals = holdSignals();
  // What Node's event loop has been told of signals until now, it tells us in its next turns.
  await turn();
  await turn();
  const held = collect();
  if (identityOf(tried.files) !== tried.identity)
    throw new Error('the program has changed since it was tried');
  return execute(tried.command, held, (packed) => environmentFor(packed, caller));
}

/** Signals are held. Throws Error when that fails: then nothing has changed. */
export function execute(
  [file, ...words]: TriedProgram['command'],
  state: UpgradeState,
  environmentFrom: (packed: PackedState) => Environment,
): never {
  using packed = packState(state);
  const path = terminated([toBytes(file)]);
  const argv = cStrings(terminated([file, ...words, ...state.caller.words].map(toBytes)));
  const environment = cStrings(environmentBytes(environmentFrom(packed)));
  using _open = keptOpen([...descriptorsOf(state), packed.text, packed.library]);
  try {
    execve(path, argv, environment);
  } catch (error) {
    throw new Error(`${file}: ${reason(error)}`, { cause: error });
  }
  throw new Error('execve has returned');
}

/** Until it is disposed of, execve leaves these open. */
function keptOpen(descriptors: readonly number[]): Disposable {
  const ours = descriptors.filter(isPrivate);
  for (const fd of ours) makeInheritable(fd);
  return {
    [Symbol.dispose]: () => {
      for (const fd of ours) makePrivate(fd);
    },
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
