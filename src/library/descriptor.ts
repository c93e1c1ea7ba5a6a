import { fstatSync, readlinkSync } from 'node:fs';
import { kindOf } from './kind-of.ts';

/** Node at a descriptor that a process between the superdaemon and us has closed, or put something else at. */
const closedOnTheWay =
  'something between start-server and this program has closed it (npm, npx, tsx, sudo): --as=node, or run node itself';

// What Node says of a descriptor that it cannot listen on, dgram in the last one.
const codesOfAnotherDescriptor = new Set(['EINVAL', 'EBADF', 'EEXIST', 'ENOTSOCK', 'ERR_INVALID_FD_TYPE']);

/** What went wrong with the socket that was inherited as `fd`, in words that say what to do, if that can be told. */
export function descriptorError(fd: number, error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!codesOfAnotherDescriptor.has(code)) return error;
  // Node leaves a socket of the wrong kind open, so it still can be told from one that is gone.
  const message =
    kindAt(fd) === 'socket'
      ? `descriptor ${fd} is another kind of socket: datagram sockets (--port=u53) are for node:dgram, all others for servers`
      : `descriptor ${fd} is not the socket any more: ${closedOnTheWay}`;
  return Object.assign(new Error(message, { cause: error }), { code });
}

/** The number of the pipe that NOTIFY_FD names. */
export function pipeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`NOTIFY_FD=${text} is not an open pipe, nor a number`);
  if (kindAt(Number(text)) === 'pipe') return Number(text);
  throw new Error(`NOTIFY_FD=${text} is not an open pipe: ${closedOnTheWay}`);
}

/** undefined when nothing is open there. */
export function kindAt(fd: number): ReturnType<typeof kindOf> | undefined {
  try {
    return kindOf(fd, { fstatSync, readlinkSync });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBADF') return undefined;
    throw error;
  }
}
