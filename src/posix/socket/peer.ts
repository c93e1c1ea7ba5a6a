import { getsockopt, memory } from '../libc/libc.ts';
import { platform } from '../libc/platform.ts';

export interface Peer {
  readonly pid: number;
  /** undefined where the kernel does not say. */
  readonly uid: number | undefined;
}

/** The other end of a connected Unix socket: who called connect(2), or, for a client, who called listen(2). */
export function peerOf(fd: number): Peer {
  const { level, option, bytes } = platform.peerPid;
  const credentials = memory(bytes);
  const length = memory(4);
  length.writeInt32LE(bytes);
  getsockopt(fd, level, option, credentials, length);
  const uid = platform.hasAbstractSockets ? credentials.readUInt32LE(4) : undefined;
  return { pid: credentials.readInt32LE(), uid };
}
