// Who reads from a log command's pipe when the command itself has ended: it may have put itself into the background.

import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { whenReadable } from '../posix/libc/libc-poll.ts';
import { hasEnded, openProcess } from '../posix/process/pidfd.ts';

interface Following {
  readonly ended: () => void;
  readonly warn: (message: string) => void;
}

/** Returns what stops waiting for the end of a process that reads from the pipe; undefined: nobody does. */
export function followReader(pipe: number, { ended, warn }: Following): Disposable | undefined {
  const pid = readerOf(pipe);
  if (pid === undefined) return undefined;
  warn(
    `the log command is in the background now (process ${pid} reads the log): it should stay in the foreground`,
  );
  return follow(pid, ended);
}

/** Where a process cannot be waited for (Linux < 5.3), another look has to do. */
const NEXT_LOOK_MS = 10_000;

function follow(pid: number, ended: () => void): Disposable {
  try {
    return untilEnded(pid, ended);
  } catch {
    const timer = setTimeout(ended, NEXT_LOOK_MS);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }
}

function untilEnded(pid: number, ended: () => void): Disposable {
  const handle = openProcess(pid);
  if (handle === undefined) throw new Error(`no process ${pid}`);
  const stop = () => {
    watching[Symbol.dispose]();
    handle[Symbol.dispose]();
  };
  const watching = whenReadable(handle.fd, () => {
    if (!hasEnded(handle)) return;
    stop();
    ended();
  });
  return { [Symbol.dispose]: stop };
}

/** The bit of a descriptor in /proc that is open for reading: the workers have the other end of the same pipe. */
const READS = 0o400;

/** The pid of another process that has this pipe as its standard input; undefined where nobody has, or /proc is not there. */
function readerOf(pipe: number): number | undefined {
  const name = linkOf(`/proc/self/fd/${pipe}`);
  if (name === undefined) return undefined;
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .find((pid) => pid !== process.pid && reads(`/proc/${pid}/fd/0`, name));
}

function reads(descriptor: string, pipe: string): boolean {
  return linkOf(descriptor) === pipe && (modeOf(descriptor) & READS) !== 0;
}

/** undefined: it is gone, or another user's. */
function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function modeOf(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0;
}
