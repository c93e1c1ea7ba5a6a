// Host names → addresses, once, before anything is bound: what follows finds addresses only, and waits for nobody.

import { isIpAddress } from '../posix/socket/ip-address.ts';
import { StartupError } from '../startup-error.ts';
import type { InternetSpec, SocketSpec } from './socket-spec.ts';

/** Names resolve to IPv4 only, as in the reference. A silent name server holds it up for half a minute. */
export async function resolve(specs: readonly SocketSpec[]): Promise<readonly SocketSpec[]> {
  return await Promise.all(specs.map(resolved));
}

async function resolved(spec: SocketSpec): Promise<SocketSpec> {
  if (spec.kind === 'unix' || spec.family === 'ipv6' || isIpAddress('ipv4', spec.host)) return spec;
  return { ...spec, host: await lookUp(spec) };
}

async function lookUp({ host, option }: InternetSpec): Promise<string> {
  try {
    const { lookup } = await import('node:dns/promises');
    return (await lookup(host, { family: 4 })).address;
  } catch (error) {
    throw new StartupError(`${option}: cannot resolve host ${host} to an IPv4 address`, { cause: error });
  }
}
