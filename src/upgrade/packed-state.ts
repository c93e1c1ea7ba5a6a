// What the successor gets from its predecessor: the state, as a descriptor, and the library that holds signals
// back until it listens; its environment says where they are.

import { closeQuietly } from '../posix/file/descriptor.ts';
import { memoryFile } from '../posix/file/memory-file.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { type Caller, type Environment, PREDECESSOR_STATE } from '../posix/process/caller.ts';
import { forOurNode } from '../posix/process/for-our-node.ts';
import { libraryFile } from '../posix/process/hold-signals.ts';
import { requireOpen, stateText } from './state-text.ts';
import type { UpgradeState } from './upgrade-state.ts';

/** Descriptors. */
export interface PackedState {
  readonly text: number;
  readonly library: number;
}

/** Throws Error where this machine has no such library, or something that the state names is closed. */
export function packState(state: UpgradeState): PackedState & Disposable {
  requireOpen(state);
  const library = libraryFile();
  const text = memoryFile('start-server-state', toBytes(stateText(state)));
  return {
    text,
    library,
    [Symbol.dispose]: () => {
      closeQuietly(text);
      closeQuietly(library);
    },
  };
}

type CallerOf = Pick<Caller, 'environment'>;

export function environmentFor({ text, library }: PackedState, { environment }: CallerOf): Environment {
  const preloaded = [`/proc/self/fd/${library}`, environment.get('LD_PRELOAD') || []].flat();
  return new Map([
    ...forOurNode(environment),
    ['LD_PRELOAD', preloaded.join(':')],
    [PREDECESSOR_STATE, `${text} ${library}`],
  ]);
}

/** For a successor that has failed once. */
export function environmentForAnother(packed: PackedState, caller: CallerOf): Environment {
  return new Map([
    ...environmentFor(packed, caller),
    [PREDECESSOR_STATE, `${packed.text} ${packed.library}${AGAIN}`],
  ]);
}

/** At the end of PREDECESSOR_STATE. */
export const AGAIN = ' again';
