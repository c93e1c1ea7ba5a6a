// Which of the sockets that our caller bound serves which option: the one of the same kind at the same address. Those
// that no option names follow, named by their addresses as an option would.

import { resolve as absolute } from 'node:path';
import { isSameFile } from '../posix/file/own-file.ts';
import { fromBytes } from '../posix/libc/bytes.ts';
import { type InternetAddress, sockaddr } from '../posix/socket/sockaddr.ts';
import { StartupError } from '../startup-error.ts';
import type { ActivatedSocket } from './activation.ts';
import { addressOf, canBeNamed, type SocketSpec } from './socket-spec.ts';

export interface PlacedSocket {
  readonly spec: SocketSpec;
  /** undefined: to be bound by us. */
  readonly activated: ActivatedSocket | undefined;
}

export function matchActivated(
  specs: readonly SocketSpec[],
  sockets: readonly ActivatedSocket[],
): PlacedSocket[] {
  const left = new Set(sockets);
  const found = new Map<SocketSpec, ActivatedSocket>();
  for (const serves of sockets.length > 0 ? [isAt, takesIpv4Of] : []) {
    for (const spec of specs.filter((each) => !found.has(each))) {
      const address = addressIn(spec);
      const socket = [...left].find((each) => isOfKind(each, spec) && serves(each, address));
      if (socket === undefined) continue;
      found.set(spec, socket);
      left.delete(socket);
    }
  }
  return [
    ...specs.map((spec) => ({ spec, activated: found.get(spec) })),
    ...[...left].map((activated) => ({ spec: specOf(activated), activated })),
  ];
}

type Address = InternetAddress | { readonly family: 'unix'; readonly path: string };

function addressIn(spec: SocketSpec): Address {
  return spec.kind === 'unix' ? { family: 'unix', path: spec.path } : addressOf(spec);
}

function isOfKind({ type, address }: ActivatedSocket, { kind }: SocketSpec): boolean {
  if (kind === 'unix') return address.family === 'unix' && type === 'stream';
  return address.family !== 'unix' && type === (kind === 'udp' ? 'datagram' : 'stream');
}

function isAt({ address: bound }: ActivatedSocket, address: Address): boolean {
  if (bound.family === 'unix')
    return address.family === 'unix' && isSamePath(fromBytes(bound.path), address.path);
  if (address.family === 'unix') return false;
  return address.port !== 0 && sockaddr(bound).equals(sockaddr(address));
}

/** systemd's ListenStream=8080 is [::]:8080 for IPv4, too. */
function takesIpv4Of({ address: bound, dualStack }: ActivatedSocket, address: Address): boolean {
  if (!dualStack || bound.family !== 'ipv6' || address.family !== 'ipv4') return false;
  return bound.host === '::' && address.host === '0.0.0.0' && bound.port === address.port;
}

/** The same path, or another way to it: /var/run is a link to /run. */
export function isSamePath(bound: string, path: string): boolean {
  if (bound === '' || bound.startsWith('\0')) return false;
  if (absolute(bound) === absolute(path)) return true;
  return isSameFile(bound, path);
}

function specOf({ type, address, option }: ActivatedSocket): SocketSpec {
  if (address.family === 'unix') return unixSpecOf(fromBytes(address.path), option);
  const { family, host, port } = address;
  const shown = family === 'ipv6' ? `[${host}]` : host;
  const name = host === '0.0.0.0' ? String(port) : `${shown}:${port}`;
  return { kind: type === 'stream' ? 'tcp' : 'udp', family, host, port, fd: undefined, name, option };
}

function unixSpecOf(path: string, option: string): SocketSpec {
  const name = path.replace(/^\0/, '@');
  if (name === '') throw new StartupError(`${option} is bound to no address`);
  if (!canBeNamed(name))
    throw new StartupError(`${option}: SERVER_STARTER_PORT cannot name ${JSON.stringify(name)}`);
  return { kind: 'unix', path, fd: undefined, name, option };
}
