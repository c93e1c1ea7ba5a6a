// The queues of Unix sockets that listen, by the kernel's unix_diag (<linux/unix_diag.h>): no other call tells them. A datagram
// to the kernel asks by inode, and its answer waits when the question has been written.

import { fstatSync, readSync, writeSync } from 'node:fs';
import { closedOnFailure, closeQuietly, setBlocking } from '../file/descriptor.ts';
import { socket } from '../libc/libc.ts';
import { platform } from '../libc/platform.ts';
import type { ListenQueue } from './listen-queue.ts';

/** undefined for a socket of which the kernel does not tell. */
export function unixQueues(fds: readonly number[]): readonly (ListenQueue | undefined)[] {
  const netlink = process.platform === 'linux' && fds.length > 0 ? openNetlink() : undefined;
  if (netlink === undefined) return fds.map(() => undefined);
  try {
    return fds.map((fd) => unixQueue(netlink, fstatSync(fd).ino));
  } finally {
    closeQuietly(netlink);
  }
}

/** undefined where it is forbidden, or not built into the kernel. */
function openNetlink(): number | undefined {
  try {
    const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    closedOnFailure(fd, () => setBlocking(fd, false));
    return fd;
  } catch {
    return undefined;
  }
}

const [AF_NETLINK, SOCK_RAW, SOCK_CLOEXEC, NETLINK_SOCK_DIAG] = [16, 3, 0o2000000, 4];

function unixQueue(netlink: number, inode: number): ListenQueue | undefined {
  const answer = Buffer.alloc(ANSWER_BYTES);
  try {
    writeSync(netlink, question(inode));
    return queueIn(answer.subarray(0, readSync(netlink, answer)));
  } catch {
    return undefined;
  }
}

const ANSWER_BYTES = 4096;
const HEADER_BYTES = 16;
const QUESTION_BYTES = 24;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST = 1;
const UDIAG_SHOW_RQLEN = 0x10;

/** struct nlmsghdr, then struct unix_diag_req. */
function question(inode: number): Buffer {
  const message = Buffer.alloc(HEADER_BYTES + QUESTION_BYTES);
  message.writeUInt32LE(message.length);
  message.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  message.writeUInt16LE(NLM_F_REQUEST, 6);
  message.writeUInt8(platform.AF_UNIX, HEADER_BYTES);
  message.writeUInt32LE(inode % 2 ** 32, HEADER_BYTES + 8);
  message.writeUInt32LE(UDIAG_SHOW_RQLEN, HEADER_BYTES + 12);
  // Whatever its cookie.
  message.fill(0xff, HEADER_BYTES + 16);
  return message;
}

/** Behind the header and struct unix_diag_msg come attributes: length, type, value. */
function queueIn(answer: Buffer): ListenQueue | undefined {
  if (answer.readUInt16LE(4) !== SOCK_DIAG_BY_FAMILY) return undefined;
  let at = HEADER_BYTES + MESSAGE_BYTES;
  while (at + 4 <= answer.length) {
    const [length, type] = [answer.readUInt16LE(at), answer.readUInt16LE(at + 2)];
    if (type === UNIX_DIAG_RQLEN) {
      return { waiting: answer.readUInt32LE(at + 4), limit: answer.readUInt32LE(at + 8) };
    }
    at += Math.max(4, (length + 3) & ~3);
  }
  return undefined;
}

const MESSAGE_BYTES = 16;
const UNIX_DIAG_RQLEN = 4;
