import { constants, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from './eventually.ts';

/** Stops a process by SIGSTOP and waits until the kernel has it stopped. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await eventually(() => {
    if (stateOf(pid) !== 'T') throw new Error(`${pid} is not stopped`);
  });
}

/** How many connections wait to be accepted on a listening IPv4 port. */
export const waitingConnections = (port: number): number => receiveQueue('tcp', port, '0A');

/** How many bytes of datagrams, the kernel's own included, wait to be read on an IPv4 port. */
export const waitingDatagramBytes = (port: number): number => receiveQueue('udp', port, '07');

/** The numbers of the signals that have been sent to a process, but not delivered. */
export function pendingSignals(pid: number): bigint {
  const [, set = '0'] = /^ShdPnd:\s*(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return BigInt(`0x${set}`);
}

/** Whether a descriptor of a process has O_NONBLOCK, which it shares with all that inherited the same. */
export function isNonBlocking(pid: number, fd: number): boolean {
  const [, flags = ''] = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')) ?? [];
  return (Number.parseInt(flags, 8) & constants.O_NONBLOCK) !== 0;
}

/** How many descriptors a process has open that stay: one that is opened for a moment, for a look at a file, counts for nobody. */
export async function openDescriptors(pid: number): Promise<number> {
  let fewest = Number.POSITIVE_INFINITY;
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const open = readdirSync(`/proc/${pid}/fd`).filter(
      (fd) => !linkOf(`/proc/${pid}/fd/${fd}`).startsWith('/proc/'),
    );
    fewest = Math.min(fewest, open.length);
    await delay(LOOK_MS);
  }
  return fewest;
}

const [LOOKS, LOOK_MS] = [10, 20];

/** How many other processes it holds by a pidfd. */
export function heldProcesses(pid: number): number {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  return links.filter((link) => link === 'anon_inode:[pidfd]').length;
}

/** Those of its descriptors that are sockets, as `socket:[INODE]`. */
export function openSockets(pid: number): string[] {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  return links.filter((link) => link.startsWith('socket:'));
}

/** The words of its command, each with a NUL behind it. */
export function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
}

/** As long as it is there. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '/proc/';
  }
}

/** The pages of files that it has mapped, and that are present. */
export function mappedKb(pid: number): number {
  return Number(/^RssFile:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** A letter: R, S, T, Z … */
export function stateOf(pid: number): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0];
}

function receiveQueue(protocol: 'tcp' | 'udp', port: number, state: string): number {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const line = new RegExp(`^ *\\d+: \\w+:${hex} 00000000:0000 ${state} \\w+:(\\w+)`, 'm');
  return Number.parseInt(line.exec(readFileSync(`/proc/net/${protocol}`, 'utf8'))?.[1] ?? '', 16);
}
