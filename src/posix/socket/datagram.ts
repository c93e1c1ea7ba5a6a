// A Unix datagram socket that tells who sent each message: the kernel's word, not the sender's. Linux only.

import { closedOnFailure, moveUp } from '../file/descriptor.ts';
import { toBytes } from '../libc/bytes.ts';
import { addressOf, fcntl, memory, recvmsg, sendto, socket } from '../libc/libc.ts';
import { platform } from '../libc/platform.ts';
import { errorCode } from '../libc/system-error.ts';
import { bindTo } from './sockaddr.ts';
import { setSocketOption } from './socket-option.ts';

export interface Datagram {
  /** Of the sender; 0 when it lives in a PID namespace that we cannot see. */
  readonly pid: number;
  /** undefined for a message that is longer than any of ours. */
  readonly text: string | undefined;
}

const LONGEST = 4096;
const MSG_TRUNC = 0x20;
const SCM_CREDENTIALS = 2;

/** struct msghdr, 64-bit. */
const MSGHDR = { bytes: 56, iov: 16, iovlen: 24, control: 32, controllen: 40, flags: 48 };
/** One struct ucred behind its header. Descriptors that a sender adds find no room, and the kernel closes them. */
const CONTROL_BYTES = 32;
const UCRED = { level: 8, type: 12, pid: 16 };

/** Non-blocking and close-on-exec; anybody may send who finds the path. */
export function openDatagramSocket(path: string): number {
  const fd = unboundSocket();
  closedOnFailure(fd, () => {
    setSocketOption(fd, platform.SOL_SOCKET, platform.SO_PASSCRED);
    bindOpenly(fd, path);
  });
  return fd;
}

/** By the umask, not by chmod(2), which would go by the name. */
function bindOpenly(fd: number, path: string): void {
  const umask = process.umask(0o111);
  try {
    bindTo(fd, { family: 'unix', path: toBytes(path) });
  } finally {
    process.umask(umask);
  }
}

/**
 * Sends to one address, never waiting for it. It throws SystemError when nobody is there, its queue is full, or no socket
 * is to be had at the moment.
 */
export function datagramSender(address: Buffer): (text: string) => void {
  let fd: number | undefined;
  return (text) => {
    fd ??= unboundSocket();
    const bytes = Buffer.from(text);
    sendto(fd, bytes, bytes.length, 0, address, address.length);
  };
}

export function unboundSocket(): number {
  const fd = moveUp(socket(platform.AF_UNIX, platform.SOCK_DGRAM, 0));
  closedOnFailure(fd, () => fcntl(fd, platform.F_SETFL, platform.O_NONBLOCK));
  return fd;
}

const payload = memory(LONGEST);
const control = memory(CONTROL_BYTES);
const vector = memory(16);
const message = memory(MSGHDR.bytes);
vector.writeBigUInt64LE(addressOf(payload));
vector.writeBigUInt64LE(BigInt(LONGEST), 8);

/** undefined when none waits. */
export function receiveDatagram(fd: number): Datagram | undefined {
  message.fill(0);
  message.writeBigUInt64LE(addressOf(vector), MSGHDR.iov);
  message.writeBigUInt64LE(1n, MSGHDR.iovlen);
  message.writeBigUInt64LE(addressOf(control), MSGHDR.control);
  message.writeBigUInt64LE(BigInt(CONTROL_BYTES), MSGHDR.controllen);
  control.fill(0);
  try {
    const length = recvmsg(fd, message, 0);
    const isWhole = (message.readInt32LE(MSGHDR.flags) & MSG_TRUNC) === 0;
    return { pid: senderPid(), text: isWhole ? payload.toString('utf8', 0, length) : undefined };
  } catch (error) {
    if (errorCode(error) === 'EAGAIN') return undefined;
    throw error;
  }
}

function senderPid(): number {
  const isCredentials =
    control.readInt32LE(UCRED.level) === platform.SOL_SOCKET &&
    control.readInt32LE(UCRED.type) === SCM_CREDENTIALS;
  return isCredentials ? control.readInt32LE(UCRED.pid) : 0;
}
