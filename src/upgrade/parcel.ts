// What one program of this process gives to the next: the handover, as a descriptor, and the library that holds signals
// back until it listens; its environment says where they are.

import { closeQuietly } from '../posix/file/descriptor.ts';
import { memoryFile } from '../posix/file/memory-file.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { type Caller, type Environment, HANDOVER } from '../posix/process/caller.ts';
import { forOurNode } from '../posix/process/for-our-node.ts';
import { libraryFile } from '../posix/process/hold-signals.ts';
import { handoverText, requireOpen } from './handover.ts';
import type { Holdings } from './holdings.ts';

/** Descriptors. */
export interface Parcel {
  readonly text: number;
  readonly library: number;
}

/** Throws Error where this machine has no such library, or something that is handed over is closed. */
export function pack(holdings: Holdings): Parcel & Disposable {
  requireOpen(holdings);
  const library = libraryFile();
  const text = memoryFile('start-server-handover', toBytes(handoverText(holdings)));
  return {
    text,
    library,
    [Symbol.dispose]: () => {
      closeQuietly(text);
      closeQuietly(library);
    },
  };
}

export function environmentFor({ text, library }: Parcel, { environment }: Caller): Environment {
  const preloaded = [`/proc/self/fd/${library}`, environment.get('LD_PRELOAD') || []].flat();
  return new Map([
    ...forOurNode(environment),
    ['LD_PRELOAD', preloaded.join(':')],
    [HANDOVER, `${text} ${library}`],
  ]);
}
