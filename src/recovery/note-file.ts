// The file of the note is made under a name of its own and renamed, and from then on written over in place: nobody reads it
// while we live, and no signal cuts a write within a page in two. To replace it for each worker would cost five calls, and
// ext4 sends what replaces a file to the disk at once: our end, which removes it, would wait two milliseconds for that.

import { unlinkSync, writeSync } from 'node:fs';
import { replaceAndOpen } from '../files/replace-file.ts';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { isStillAt } from '../posix/file/own-file.ts';
import { toPath } from '../posix/libc/bytes.ts';

export interface NoteFile {
  /** Throws what the system says; then the next one is a new file. `text`: lines. */
  write(text: string): void;
  /** What somebody else has put in its place stays. */
  remove(): void;
}

/** Whoever could write it could have anybody signalled. */
const MODE = 0o600;
/** No smaller on any system. */
const PAGE = 4096;

export function noteFile(path: string): NoteFile {
  let fd: number | undefined;
  let length = 0;
  const close = () => {
    if (fd !== undefined) closeQuietly(fd);
    fd = undefined;
  };
  return {
    write: (text) => {
      // A reader passes over empty lines.
      const lines = text.padEnd(length, '\n');
      const isWhole =
        fd !== undefined &&
        lines.length <= PAGE &&
        isStillAt(path, fd) &&
        writeSync(fd, lines, 0) === lines.length;
      if (!isWhole) {
        close();
        fd = replaceAndOpen(path, text, MODE);
      }
      length = isWhole ? lines.length : text.length;
    },
    remove: () => {
      try {
        if (fd !== undefined && isStillAt(path, fd)) unlinkSync(toPath(path));
      } catch {
        // Its directory is gone, or read-only.
      }
      close();
    },
  };
}
