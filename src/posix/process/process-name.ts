// By what name ps(1) and pgrep(1) know the superdaemon: the one that it was called by, as it is with the reference, not Node's.

import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { toBytes } from '../libc/bytes.ts';
import { checked } from '../libc/libc.ts';
import type { Caller } from './caller.ts';
import { terminated } from './spawn.ts';

/** Linux only; elsewhere, and where it is not possible, it stays Node's. */
export function showAs({ program, words }: Pick<Caller, 'program' | 'words'>): void {
  if (program === undefined) return;
  const name = basename(program);
  try {
    // The kernel cuts it at 15 bytes.
    writeFileSync('/proc/self/comm', toBytes(name));
    // By these words a start knows another superdaemon.
    if (/^start[-_]server/.test(name)) overwriteArguments(terminated([name, ...words].map(toBytes)));
  } catch {
    // There is no /proc, or it cannot be written.
  }
}

/** What /proc/PID/cmdline shows is the memory that the arguments lie in; Node has its own copy of them. See proc_pid_stat(5). */
function overwriteArguments(text: Buffer): void {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [from = 0, to = 0] = fields.slice(ARG_START - FIRST, ARG_START - FIRST + 2);
  if (from === 0 || text.length > to - from) return;
  const bytes = Buffer.concat([text], to - from);
  checked<[to: number, from: Buffer, length: number]>('long memcpy(uintptr_t, void *, size_t)')(
    from,
    bytes,
    bytes.length,
  );
}

/** Numbers of fields. Behind the name comes the third. */
const [FIRST, ARG_START] = [3, 48];
