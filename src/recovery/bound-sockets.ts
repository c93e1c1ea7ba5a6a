// Which sockets there are already at the places that we are to listen at. One look: each table of the kernel, and who has which
// descriptors, is read once at most, however many places there are.

import { fstatSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { isSocketAt } from '../posix/file/own-file.ts';
import { socket } from '../posix/libc/libc.ts';
import { once } from '../posix/libc/once.ts';
import { platform } from '../posix/libc/platform.ts';
import { errorCode } from '../posix/libc/system-error.ts';
import { type Hand, openSockets } from '../posix/process/open-sockets.ts';
import { bindTo, type InternetAddress } from '../posix/socket/sockaddr.ts';
import { setSocketOption } from '../posix/socket/socket-option.ts';
import type { PlacedSocket } from '../sockets/match-activated.ts';
import { addressOf, type InternetSpec, type SocketSpec } from '../sockets/socket-spec.ts';
import {
  hostInTable,
  listeningSockets,
  listeningUnixSockets,
  type TableName,
} from '../sockets/socket-table.ts';
import type { ChosenPort } from './note-text.ts';
import { socketsAtPath } from './unix-socket.ts';

export interface BoundAddress {
  readonly spec: SocketSpec;
  /** Our caller has given it to us. */
  readonly isOurs: boolean;
  /** Of what is bound there; hardly ever more than one. */
  readonly inodes: readonly string[];
}

export interface Look {
  readonly places: readonly BoundAddress[];
  /** Who has which socket open, by inode. */
  readonly open: () => ReadonlyMap<string, readonly Hand[]>;
}

/** `ports`: those that an option which left the choice to the kernel got the last time. */
export function lookAt(placed: readonly PlacedSocket[], ports: readonly ChosenPort[] = []): Look {
  const open = once(openSockets);
  const unixSockets = once(listeningUnixSockets);
  const inodesAt = boundInodes();
  const left = [...ports];
  const wantedAddress = (spec: InternetSpec) => {
    const address = addressOf(spec);
    const chosen = spec.port === 0 ? left.findIndex((each) => isOf(each, spec)) : -1;
    const [{ port } = address] = chosen < 0 ? [] : left.splice(chosen, 1);
    return { ...address, port };
  };
  const boundAt = (spec: SocketSpec) => {
    if (spec.kind !== 'unix') return inodesAt(spec, wantedAddress(spec));
    if (!isSocketAt(spec.path)) return [];
    return socketsAtPath(spec.path, { sockets: unixSockets(), open });
  };
  const places: BoundAddress[] = [];
  for (const { spec, activated } of placed) {
    const inodes = activated === undefined ? boundAt(spec) : [String(fstatSync(activated.fd).ino)];
    places.push({ spec, isOurs: activated !== undefined, inodes });
  }
  return { places, open };
}

function isOf({ kind, name }: ChosenPort, spec: InternetSpec): boolean {
  return kind === spec.kind && name === spec.name;
}

/** Where a table has been read already, because something was bound, it answers for the other places, too. */
function boundInodes(): (spec: InternetSpec, address: InternetAddress) => readonly string[] {
  const tables = new Map<TableName, ReadonlyMap<string, readonly string[]>>();
  return (spec, address) => {
    if (address.port === 0) return [];
    const name: TableName = spec.family === 'ipv6' ? `${spec.kind}6` : spec.kind;
    let table = tables.get(name);
    if (table === undefined) {
      if (spec.kind === 'tcp' && isFree(spec, address)) return [];
      table = byAddress(name);
      tables.set(name, table);
    }
    return table.get(`${hostInTable(address)}:${address.port}`) ?? [];
  };
}

function byAddress(table: TableName): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { host, port, inode } of listeningSockets(table)) {
    const address = `${host}:${port}`;
    found.set(address, [...(found.get(address) ?? []), inode]);
  }
  return found;
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
