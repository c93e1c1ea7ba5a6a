// What a worker has in its hands when it is killed, as the kernel tells it: whoever loses more has lost it to somebody else.

import { readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';
import { openSockets, stateOf } from './proc.ts';
import type { Target } from './request.ts';

/** Ends a worker by SIGKILL; how many connections it had accepted and not closed. */
export async function killHolding(pid: number, targets: readonly Target[]): Promise<number> {
  process.kill(pid, 'SIGSTOP');
  // Stopped, it takes no more; one that waits in a disk's hands (D) is about to be.
  await eventually(() => {
    if (stateOf(pid) !== 'T') throw new Error(`${pid} is not stopped`);
  });
  const sockets = new Set(openSockets(pid));
  const held = targets.flatMap(connectionsTo).filter((inode) => sockets.has(`socket:[${inode}]`));
  process.kill(pid, 'SIGKILL');
  return held.length;
}

/** The inodes of the server's ends. */
function connectionsTo(target: Target): string[] {
  return 'port' in target ? tcpConnectionsTo(target.port) : unixConnectionsTo(target.path);
}

const ESTABLISHED = '01';
const CLOSE_WAIT = '08';

/** `SL LOCAL REMOTE STATE … INODE …` */
function tcpConnectionsTo(port: number): string[] {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return rows('tcp').flatMap(([, local = '', , state = '', , , , , , inode = '']) =>
    local.endsWith(hex) && [ESTABLISHED, CLOSE_WAIT].includes(state) ? [inode] : [],
  );
}

/** `NUM: REFS PROTOCOL FLAGS TYPE STATE INODE PATH`; the client's end has no path. */
function unixConnectionsTo(path: string): string[] {
  const CONNECTED = '03';
  return rows('unix').flatMap(([, , , , , state, inode = '', name]) =>
    name === path && state === CONNECTED ? [inode] : [],
  );
}

function rows(table: string): string[][] {
  const lines = readFileSync(`/proc/net/${table}`, 'utf8').split('\n');
  return lines.map((line) => line.trim().split(/\s+/));
}
