// What to tell who starts us when an orphaned worker has a socket of ours and we cannot have it.

import { isSecretive, userOf } from '../posix/process-facts.ts';
import { errorCode, reason } from '../posix/system-error.ts';
import type { SocketSpec } from '../sockets/socket-spec.ts';
import { StartupError } from '../startup-error.ts';
import type { LiveGeneration } from '../superdaemon/host.ts';
import type { Taken } from './adopt-socket.ts';
import type { Place } from './bound-sockets.ts';

type Denied = Extract<Taken, { kind: 'denied' }>;

export function denial({ option }: SocketSpec, { worker, error }: Denied): StartupError {
  const { pid, generation } = worker;
  const who = `worker ${pid} of generation ${generation}, whose superdaemon is gone, has it`;
  return new StartupError(
    `${option}: cannot take the socket over: ${who}: ${reason(error)}: ${advice(error)}, or end it: kill ${pid}`,
    { cause: error },
  );
}

function advice(error: unknown): string {
  return errorCode(error) === 'ENOSYS'
    ? 'pidfd_getfd needs Linux 5.6'
    : 'pidfd_getfd needs kernel.yama.ptrace_scope=0 or CAP_SYS_PTRACE, and under systemd SystemCallFilter=pidfd_getfd';
}

/** A port that nobody is seen to have, and a listed worker of our user that nobody may look at. */
export function refuseUnseen(
  { spec, inodes }: Place,
  holders: ReadonlyMap<string, readonly number[]>,
  listed: readonly LiveGeneration[],
): void {
  if (spec.kind !== 'tcp' || inodes.some((inode) => holders.get(inode)?.length !== 0)) return;
  const unseen = listed.find(({ pid }) => userOf(pid) === process.geteuid?.() && isSecretive(pid));
  if (unseen === undefined) return;
  const { pid, generation } = unseen;
  throw new StartupError(
    `${spec.option}: cannot listen: address already in use: by process ${pid}, it seems, which the status file has as ` +
      `generation ${generation}, and which we may not look into: run us as root or with CAP_SYS_PTRACE, or end it: kill ${pid}`,
  );
}
