// A datagram with a descriptor (SCM_RIGHTS, unix(7)): whoever receives it has the same open file. 64-bit Linux.

import { addressOf, memory, sendmsg } from '../libc/libc.ts';
import { platform } from '../libc/platform.ts';
import { unboundSocket } from './datagram.ts';

const MSGHDR = { bytes: 56, name: 0, namelen: 8, iov: 16, iovlen: 24, control: 32, controllen: 40 };
/** A header of 16 bytes, then the descriptor, and what aligns the next one. */
const CONTROL = { bytes: 24, length: 20, level: 8, type: 12, fd: 16 };
const SCM_RIGHTS = 1;

/**
 * Sends to one address, never waiting for it. It throws SystemError when nobody is there, its queue is full, or no socket is to
 * be had at the moment.
 */
export function descriptorSender(address: Buffer): (text: string, fd: number | undefined) => void {
  const name = memory(address.length);
  address.copy(name);
  let from: number | undefined;
  return (text, fd) => {
    from ??= unboundSocket();
    const payload = memory(Buffer.byteLength(text));
    payload.write(text);
    const vector = memory(16);
    vector.writeBigUInt64LE(addressOf(payload));
    vector.writeBigUInt64LE(BigInt(payload.length), 8);
    const message = memory(MSGHDR.bytes);
    message.writeBigUInt64LE(addressOf(name), MSGHDR.name);
    message.writeUInt32LE(name.length, MSGHDR.namelen);
    message.writeBigUInt64LE(addressOf(vector), MSGHDR.iov);
    message.writeBigUInt64LE(1n, MSGHDR.iovlen);
    const control = fd === undefined ? undefined : rights(fd);
    if (control !== undefined) {
      message.writeBigUInt64LE(addressOf(control), MSGHDR.control);
      message.writeBigUInt64LE(BigInt(control.length), MSGHDR.controllen);
    }
    sendmsg(from, message, 0);
  };
}

function rights(fd: number): Buffer {
  const control = memory(CONTROL.bytes);
  control.writeBigUInt64LE(BigInt(CONTROL.length));
  control.writeInt32LE(platform.SOL_SOCKET, CONTROL.level);
  control.writeInt32LE(SCM_RIGHTS, CONTROL.type);
  control.writeInt32LE(fd, CONTROL.fd);
  return control;
}
