// The note of the workers, where a superdaemon that was killed has left one.

import { constants, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { toBytes, toPath } from '../posix/libc/bytes.ts';
import { isAlive, startTimeOf } from '../posix/process/process-facts.ts';
import { bootId } from './boot-id.ts';
import { type Identity, type Note, parseNote } from './note-text.ts';

export interface NotePlace {
  readonly pidFile?: string | undefined;
  readonly statusFile?: string | undefined;
}

/** Beside the pid file; where there is none, beside the status file; undefined where there is neither. */
export function notePath({ pidFile, statusFile }: NotePlace): string | undefined {
  const beside = pidFile ?? statusFile;
  return beside === undefined ? undefined : `${beside}.workers`;
}

/** undefined where there is none of this boot, or the superdaemon that has written it lives. */
export function readNote(place: NotePlace): Note | undefined {
  const path = notePath(place);
  // Nearly always there is none, and to be told so by an exception takes ten times as long.
  if (path === undefined || !existsSync(toPath(path))) return undefined;
  const note = parseNote(contentsOf(path));
  return note?.boot === bootId() && !lives(note.superdaemon) ? note : undefined;
}

export function lives({ pid, startTime }: Identity): boolean {
  return startTimeOf(pid) === startTime && isAlive(pid);
}

const LONGEST = 2 ** 20;
const WRITABLE_BY_OTHERS = 0o022;

/** Who is in it will be signalled: so nobody else can have written it. Empty where that is not certain. */
function contentsOf(path: string): string {
  try {
    // Non-blocking, or opening a FIFO would wait for its other end.
    const fd = openSync(toBytes(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const file = fstatSync(fd);
      const { uid, mode, size } = file;
      const isOurs = uid === process.geteuid?.() && (mode & WRITABLE_BY_OTHERS) === 0;
      if (!file.isFile() || !isOurs || size > LONGEST) return '';
      const block = Buffer.alloc(size);
      return block.toString('latin1', 0, readSync(fd, block));
    } finally {
      closeQuietly(fd);
    }
  } catch {
    return '';
  }
}
