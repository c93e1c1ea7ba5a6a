// A process that is not our child, held by a descriptor: whatever becomes of its pid, it is this process that is meant.
// Linux >= 5.3, and >= 5.6 for its descriptors.

import { closeQuietly } from '../file/descriptor.ts';
import { memory, poll, syscall } from '../libc/libc.ts';
import { platform } from '../libc/platform.ts';
import { errorCode, systemError } from '../libc/system-error.ts';
import { type SignalName, signalNumber } from './signals.ts';

export interface ProcessHandle extends Disposable {
  readonly pid: number;
  /** Readable once the process has ended. */
  readonly fd: number;
}

/** In its place once it is let go of: another file may get the number. */
const CLOSED = -1;

const POLLIN = 1;
const ENOSYS = 38;

/** Of a pidfd that is open already. */
export function processHandle({ pid, fd }: Pick<ProcessHandle, 'pid' | 'fd'>): ProcessHandle {
  const handle = {
    pid,
    fd,
    [Symbol.dispose]: () => {
      if (handle.fd !== CLOSED) closeQuietly(handle.fd);
      handle.fd = CLOSED;
    },
  };
  return handle;
}

/** undefined when there is no such process. Throws SystemError: ENOSYS, EMFILE … */
export function openProcess(pid: number): ProcessHandle | undefined {
  try {
    const fd = syscall(calls().open, pid, 0);
    return processHandle({ pid, fd });
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return undefined;
    throw error;
  }
}

/** The same; `isMeant`: asked once it is held, so that no process can be taken for it that has got its pid. */
export function holdProcess(pid: number, isMeant: () => boolean): ProcessHandle | undefined {
  const handle = openProcess(pid);
  if (handle === undefined) return undefined;
  let isKept = false;
  try {
    isKept = isMeant() && !isReadable(handle);
    return isKept ? handle : undefined;
  } finally {
    if (!isKept) handle[Symbol.dispose]();
  }
}

/** A close-on-exec copy of a descriptor of that process. Throws SystemError: EPERM, ENOSYS, EBADF, ESRCH … */
export function takeDescriptor(from: ProcessHandle, fd: number): number {
  return syscall(calls().getfd, from.fd, fd, 0);
}

/** One that has ended is forgiven. */
export function signalProcess({ fd }: ProcessHandle, signal: SignalName): void {
  try {
    syscall(calls().sendSignal, fd, signalNumber(signal), 0, 0);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** One that was let go of has, for all that we care; one that cannot be looked at (poll: ENOMEM) has not. */
export function hasEnded(handle: ProcessHandle): boolean {
  try {
    return handle.fd === CLOSED || isReadable(handle);
  } catch {
    return false;
  }
}

function isReadable({ fd }: ProcessHandle): boolean {
  const pollfd = memory(8);
  pollfd.writeInt32LE(fd);
  pollfd.writeInt16LE(POLLIN, 4);
  return poll(pollfd, 1, 0) > 0;
}

function calls() {
  if (platform.pidfd === undefined) throw systemError('pidfd_open', ENOSYS);
  return platform.pidfd;
}
