// What to tell who starts us when a survivor has a socket of ours and we cannot have it.

import { errorCode, reason } from '../posix/libc/system-error.ts';
import type { SocketSpec } from '../sockets/socket-spec.ts';
import { StartupError } from '../startup-error.ts';
import type { Adopted } from './adopt-socket.ts';

type Denied = Extract<Adopted, { kind: 'denied' }>;

export function adoptionRefused({ option }: SocketSpec, { worker, error }: Denied): StartupError {
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
