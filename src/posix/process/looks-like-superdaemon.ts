import { basename } from 'node:path';
import { isSameFile } from '../file/own-file.ts';
import { isSea } from '../libc/embedded.cjs';
import { commandOf } from './process-facts.ts';

const LEADING_WORDS = 8;

/** By the name of its program, ours or the reference's; the single file under whatever name. */
export function looksLikeSuperdaemon(pid: number): boolean {
  const words = commandOf(pid)?.slice(0, LEADING_WORDS) ?? [];
  return (
    words.some((word) => /^start[-_]server(-cached)?(\.cjs)?$/.test(basename(word))) || isOurProgram(pid)
  );
}

/** Node's own file is many a worker's, too. */
function isOurProgram(pid: number): boolean {
  if (!isSea()) return false;
  return isSameFile(`/proc/${pid}/exe`, '/proc/self/exe');
}
