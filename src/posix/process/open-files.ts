import { getrlimit, memory, setrlimit } from '../libc/libc.ts';
import { platform } from '../libc/platform.ts';

/** The soft limit of open files (RLIMIT_NOFILE). */
export function openFilesLimit(): number {
  return Number(limits().readBigUInt64LE());
}

/**
 * Returns what runs an action under another soft limit. Only for a spawn, which hands it on: our own stays high, for Node
 * has more descriptors open than a low limit allows.
 */
export function withOpenFilesLimit(soft: number): (act: () => void) => void {
  if (soft >= openFilesLimit()) return (act) => act();
  return (act) => {
    const ours = limits();
    setrlimit(platform.RLIMIT_NOFILE, withSoft(soft));
    try {
      act();
    } finally {
      setrlimit(platform.RLIMIT_NOFILE, ours);
    }
  };
}

/** struct rlimit with our hard limit, and that soft one as far as it allows. */
export function withSoft(soft: number): Buffer {
  const block = limits();
  const hard = block.readBigUInt64LE(8);
  block.writeBigUInt64LE(BigInt(soft) < hard ? BigInt(soft) : hard);
  return block;
}

function limits(): Buffer {
  const block = memory(16);
  getrlimit(platform.RLIMIT_NOFILE, block);
  return block;
}
