// Why a worker cannot be started, in words for the user.

import { accessSync, constants, statSync } from 'node:fs';
import { toBytes } from '../posix/libc/bytes.ts';
import { errorCode, reason, SystemError } from '../posix/libc/system-error.ts';
import { isPrivilegeCall } from '../posix/process/privilege-calls.ts';
import type { Privileges } from '../posix/process/privileges.ts';

interface Refused {
  readonly program: string;
  readonly directory: string | undefined;
  readonly privileges: Privileges | undefined;
}

/** The user that it is to be may be allowed less than we are. */
export function refusal(error: unknown, { program, directory, privileges }: Refused): string {
  const call = error instanceof SystemError ? error.syscall : undefined;
  const what = call === 'chdir' ? `--dir=${directory}` : isPrivilegeCall(call) ? call : program;
  const isDenied = errorCode(error) === 'EACCES' && privileges?.user !== undefined;
  return `${what}: ${reason(error)}${isDenied ? ` for uid ${privileges.user.uid}` : ''}`;
}

export function directoryTrouble(directory: string | undefined): string | undefined {
  if (directory === undefined) return undefined;
  try {
    if (!statSync(toBytes(directory)).isDirectory()) return `--dir=${directory}: not a directory`;
    accessSync(toBytes(directory), constants.X_OK);
    return undefined;
  } catch (error) {
    return `--dir=${directory}: ${reason(error)}`;
  }
}
