// Whether a process with these privileges can be had, by a child that becomes what it is to be, and then executes nothing.

import { toBytes } from '../posix/libc/bytes.ts';
import { SystemError } from '../posix/libc/system-error.ts';
import type { Privileges } from '../posix/process/privileges.ts';
import { prepareSpawn } from '../posix/process/spawn.ts';

export interface Place {
  readonly directory: string | undefined;
  /** That it is to be allowed to execute; as seen from the directory. */
  readonly file: string;
}

/** The call that it cannot make, and why; undefined: all is well. */
export function obstacle(privileges: Privileges, place?: Place): SystemError | undefined {
  const nothing = Buffer.alloc(0);
  try {
    const spawn = prepareSpawn({
      ...{ descriptors: [], defaultSignals: [], blockedSignals: [], openFilesLimit: Number.MAX_SAFE_INTEGER },
      ...(place?.directory !== undefined && { directory: toBytes(place.directory) }),
      ...(place !== undefined && { tried: toBytes(place.file) }),
      privileges,
    });
    spawn({ file: nothing, argv: [nothing], env: { lasting: nothing, own: [] } });
    return undefined;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return error.syscall === 'execve' ? undefined : error;
  }
}
