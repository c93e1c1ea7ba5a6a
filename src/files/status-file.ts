// The status file: a line GENERATION:PID for each live started worker, ascending. Readers see the whole old text or the
// whole new one. It is bookkeeping: when it cannot be written, say so, try again each second, and carry on.

import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { toBytes } from '../posix/bytes.ts';
import { removeOwnFile } from '../posix/own-file.ts';
import { reason } from '../posix/system-error.ts';
import type { LiveGeneration } from '../superdaemon/host.ts';

export interface StatusFile extends Disposable {
  publish(generations: readonly LiveGeneration[]): void;
}

const RETRY_MS = 1000;

export function statusFile(path: string, warn: (message: string) => void): StatusFile {
  let published: string | undefined;
  let remove = () => {};
  let retry: NodeJS.Timeout | undefined;
  let complaint: string | undefined;

  const write = (text: string) => {
    try {
      replaceFile(path, text);
      remove = removeOwnFile(path);
      published = text;
      complaint = undefined;
    } catch (error) {
      const why = reason(error);
      if (why !== complaint) warn(`cannot write status file ${path}: ${why}`);
      complaint = why;
      retry = setTimeout(() => write(text), RETRY_MS);
    }
  };

  return {
    publish: (generations) => {
      const text = generations.map(({ generation, pid }) => `${generation}:${pid}\n`).join('');
      clearTimeout(retry);
      // Before the first worker has started there is no file.
      if (text !== (published ?? '')) write(text);
    },
    [Symbol.dispose]: () => {
      clearTimeout(retry);
      remove();
    },
  };
}

function replaceFile(path: string, text: string): void {
  // A name that nobody can guess, made exclusively: neither a planted file nor a symbolic link is ever written to.
  const temporary = toBytes(`${path}.${Math.random().toString(36).slice(2)}`);
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, toBytes(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
