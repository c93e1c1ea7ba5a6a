// Who has a port that we cannot have? The kernel's tables of sockets name an inode, and that is a link in its holder's
// /proc/PID/fd.

import { looksLikeSuperdaemon } from '../posix/process/looks-like-superdaemon.ts';
import { holderOf } from '../posix/process/open-sockets.ts';
import { commandOf } from '../posix/process/process-facts.ts';
import type { InternetAddress } from '../posix/socket/sockaddr.ts';
import { printable } from '../printable.ts';
import type { InternetSpec } from './socket-spec.ts';
import { hostInTable, listeningSockets, type TableName } from './socket-table.ts';

const LONGEST_COMMAND = 80;

/** A few words on the process, or on its user where no more can be seen; undefined where nothing can. */
export function portHolder(kind: InternetSpec['kind'], address: InternetAddress): string | undefined {
  const entry = tables(kind, address)
    .flatMap(listeningSockets)
    .filter((each) => each.port === address.port)
    .find(({ host }) => overlap(host, hostInTable(address)));
  if (entry === undefined) return undefined;
  const pid = holderOf(entry.inode);
  if (pid === undefined) return `a process of user ${entry.uid}`;
  if (pid === process.pid) return 'another option of ours';
  if (looksLikeSuperdaemon(pid)) return `superdaemon ${pid}`;
  const command = printable(commandOf(pid)?.join(' ') ?? '').slice(0, LONGEST_COMMAND);
  return command === '' ? `process ${pid}` : `process ${pid} (${command})`;
}

/** An IPv6 socket may take IPv4, too. */
function tables(kind: InternetSpec['kind'], { family }: InternetAddress): TableName[] {
  return family === 'ipv6' ? [`${kind}6`] : [kind, `${kind}6`];
}

/** The same, or one of them is any address; ::ffff:a.b.c.d is IPv4 in an IPv6 socket. */
function overlap(held: string, wanted: string): boolean {
  const isAny = /^0+$/;
  return isAny.test(held) || isAny.test(wanted) || held === wanted || held.endsWith(`FFFF0000${wanted}`);
}
