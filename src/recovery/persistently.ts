// A note that cannot be written costs a warning, and is tried again until it can.

import { reason } from '../posix/libc/system-error.ts';
import { noteFile } from './note-file.ts';

export interface PersistentNote {
  write(): void;
  /** Whether it is needed still. */
  end(stays: boolean): void;
}

const RETRY_MS = 1000;

/** `text` is asked at each write: undefined where there is nothing to be written. */
export function persistently(
  path: string,
  text: () => string | undefined,
  warn: (message: string) => void,
): PersistentNote {
  const file = noteFile(path);
  let retry: NodeJS.Timeout | undefined;
  let complaint: string | undefined;
  const write = () => {
    clearTimeout(retry);
    const whole = text();
    if (whole === undefined) return;
    try {
      file.write(whole);
      complaint = undefined;
    } catch (error) {
      const why = reason(error);
      if (why !== complaint) warn(`cannot write ${path}, so a kill might orphan the workers: ${why}`);
      complaint = why;
      retry = setTimeout(write, RETRY_MS);
    }
  };
  const end = (stays: boolean) => {
    clearTimeout(retry);
    if (!stays) file.remove();
  };
  return { write, end };
}
