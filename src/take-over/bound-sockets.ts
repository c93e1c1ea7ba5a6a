// Which sockets there are already at the places that we are to listen at.

import { fstatSync } from 'node:fs';
import { closeQuietly } from '../posix/descriptor.ts';
import { socket } from '../posix/libc.ts';
import { isSocketAt } from '../posix/own-file.ts';
import { platform } from '../posix/platform.ts';
import { bindTo, type InternetAddress } from '../posix/sockaddr.ts';
import { setSocketOption } from '../posix/socket-option.ts';
import { errorCode } from '../posix/system-error.ts';
import type { PlacedSocket } from '../sockets/match-activated.ts';
import { addressOf, type InternetSpec, type SocketSpec } from '../sockets/socket-spec.ts';
import { entriesOf, hostInTable } from '../sockets/socket-table.ts';
import { socketsAtPath } from './unix-socket.ts';

export interface Place {
  readonly spec: SocketSpec;
  /** Our caller has given it to us. */
  readonly isOurs: boolean;
  /** Of what is bound there; hardly ever more than one. */
  readonly inodes: readonly string[];
}

export async function placesOf(placed: readonly PlacedSocket[]): Promise<Place[]> {
  const places: Place[] = [];
  for (const { spec, activated } of placed) {
    const inodes = activated === undefined ? await boundAt(spec) : [String(fstatSync(activated.fd).ino)];
    places.push({ spec, isOurs: activated !== undefined, inodes });
  }
  return places;
}

async function boundAt(spec: SocketSpec): Promise<string[]> {
  if (spec.kind === 'unix') return isSocketAt(spec.path) ? socketsAtPath(spec.path) : [];
  const address = addressOf(spec);
  if (address.port === 0 || (spec.kind === 'tcp' && isFree(spec, address))) return [];
  return entriesOf(spec.family === 'ipv6' ? `${spec.kind}6` : spec.kind)
    .filter(({ isListening, port }) => isListening && port === address.port)
    .filter(({ host }) => host === hostInTable(address))
    .map(({ inode }) => inode);
}

/**
 * By binding to it for an instant, for the table of TCP may be long, and nearly always there is nothing to be found. Whatever
 * else is wrong with the address shows when it is bound in earnest.
 */
function isFree({ family }: InternetSpec, address: InternetAddress): boolean {
  const domain = family === 'ipv4' ? platform.AF_INET : platform.AF_INET6;
  const fd = socket(domain, platform.SOCK_STREAM, 0);
  try {
    setSocketOption(fd, platform.SOL_SOCKET, platform.SO_REUSEADDR);
    if (family === 'ipv6') setSocketOption(fd, platform.IPPROTO_IPV6, platform.IPV6_V6ONLY);
    bindTo(fd, address);
    return true;
  } catch (error) {
    return errorCode(error) !== 'EADDRINUSE';
  } finally {
    closeQuietly(fd);
  }
}
