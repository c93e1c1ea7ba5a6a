// How many processors there are for us: those of the affinity mask, and no more than the cgroup grants time for.

import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { nodeOs } from '../libc/node-os.cjs';

export function processors(): number {
  const allowed = affinity() ?? nodeOs().availableParallelism();
  return Math.max(1, Math.min(allowed, Math.ceil(quota())));
}

/** Of sched_getaffinity(2), as the kernel tells it: a bit a processor, in hexadecimal words. */
function affinity(): number | undefined {
  const mask = /^Cpus_allowed:\s*([\da-f,]+)$/m.exec(read('/proc/self/status'))?.[1];
  if (mask === undefined) return undefined;
  const bits = [...mask.replaceAll(',', '')].map((digit) => Number.parseInt(digit, 16).toString(2));
  return bits.join('').replaceAll('0', '').length;
}

/** Processors' worth of time, by cpu.max of our cgroup and of those above it. */
function quota(): number {
  const path = /^0::(\/.*)$/m.exec(read('/proc/self/cgroup'))?.[1];
  let least = Number.POSITIVE_INFINITY;
  for (let at = path; at !== undefined; at = at === '/' ? undefined : dirname(at)) {
    const [granted, period] = read(`/sys/fs/cgroup${at}/cpu.max`).split(' ').map(Number);
    // `max` is no number.
    if (granted && period) least = Math.min(least, granted / period);
  }
  return least;
}

/** Empty where there is none. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
