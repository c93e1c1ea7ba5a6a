import { toBytes } from '../posix/libc/bytes.ts';
import type { Environment } from '../posix/process/caller.ts';
import { abstractAddress, sockaddr } from '../posix/socket/sockaddr.ts';

/** Of the service manager: a path, or an abstract name behind an @. Others (VSOCK) are for virtual machines. */
export function notifyAddress(environment: Environment): Buffer | undefined {
  const name = environment.get('NOTIFY_SOCKET') ?? '';
  if (name.startsWith('@') && name.length > 1) return abstractAddress(name.slice(1));
  return name.startsWith('/') ? sockaddr({ family: 'unix', path: toBytes(name) }) : undefined;
}
