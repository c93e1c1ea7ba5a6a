import { getrlimit, memory, setrlimit } from './libc.ts';
import { platform } from './platform.ts';

/** The soft limit of open files (RLIMIT_NOFILE). */
export function openFilesLimit(): number {
  return Number(limits().readBigUInt64LE());
}

/** Never above the hard limit. */
export function setOpenFilesLimit(soft: number): void {
  const block = limits();
  const hard = block.readBigUInt64LE(8);
  block.writeBigUInt64LE(BigInt(soft) < hard ? BigInt(soft) : hard);
  setrlimit(platform.RLIMIT_NOFILE, block);
}

function limits(): Buffer {
  const block = memory(16);
  getrlimit(platform.RLIMIT_NOFILE, block);
  return block;
}
