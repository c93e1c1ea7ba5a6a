// Binds to an address or says why it cannot be had, and what can be done about it.

import { readFileSync } from 'node:fs';
import { listen } from '../posix/libc/libc.ts';
import { errorCode, reason } from '../posix/libc/system-error.ts';
import { bindTo, type InternetAddress } from '../posix/socket/sockaddr.ts';
import { StartupError } from '../startup-error.ts';
import { portHolder } from './port-holder.ts';
import { addressOf, type InternetSpec } from './socket-spec.ts';

export function bindInternet(fd: number, spec: InternetSpec, backlog: number): void {
  const address = addressOf(spec);
  try {
    bindTo(fd, address);
    if (spec.kind === 'tcp') listen(fd, backlog);
  } catch (error) {
    throw bindFailure(spec, address, error);
  }
}

function bindFailure(spec: InternetSpec, address: InternetAddress, cause: unknown): StartupError {
  const more = explanation(spec, address, errorCode(cause));
  const text = `${spec.option}: cannot listen: ${reason(cause)}`;
  return new StartupError(more === undefined ? text : `${text}: ${more}`, { cause });
}

function explanation(
  { kind, name }: InternetSpec,
  address: InternetAddress,
  code: string | undefined,
): string | undefined {
  switch (code) {
    case 'EADDRINUSE': {
      const holder = portHolder(kind, address);
      return holder && `${holder} has it`;
    }
    case 'EADDRNOTAVAIL':
      return `no interface of this machine has the address ${address.host}${descriptorMeant(name)}`;
    case 'EACCES':
      return address.port < lowestUnprivilegedPort() ? privilegeAdvice(address.port) : undefined;
    default:
      return undefined;
  }
}

/** A host that is a number is an address, 9200 is 0.0.35.240, and hardly ever meant. */
function descriptorMeant(name: string): string {
  const [, port, fd] = /^(\d+):(\d+)$/.exec(name) ?? [];
  return port === undefined ? '' : `; did you mean ${port}=${fd}?`;
}

function privilegeAdvice(port: number): string {
  return (
    `ports below ${lowestUnprivilegedPort()} need the capability CAP_NET_BIND_SERVICE (in a unit of systemd ` +
    'AmbientCapabilities=CAP_NET_BIND_SERVICE, or let a .socket unit bind it), ' +
    `or sysctl net.ipv4.ip_unprivileged_port_start=${port}`
  );
}

function lowestUnprivilegedPort(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'latin1'));
  } catch {
    return 1024;
  }
}
