import { isIpAddress } from '../posix/ip-address.ts';
import type { InternetAddress } from '../posix/sockaddr.ts';
import { StartupError } from '../startup-error.ts';
import type { InternetSpec } from './socket-spec.ts';

/** Host names resolve to IPv4 only, as in the reference. */
export async function resolve({ family, host, port, option }: InternetSpec): Promise<InternetAddress> {
  if (family === 'ipv6' || isIpAddress('ipv4', host)) return { family, host, port };
  try {
    const { lookup } = await import('node:dns/promises');
    const { address } = await lookup(host, { family: 4 });
    return { family, host: address, port };
  } catch (error) {
    throw new StartupError(`${option}: cannot resolve host ${host} to an IPv4 address`, { cause: error });
  }
}
