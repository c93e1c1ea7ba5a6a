// Which processes are workers that outlived their superdaemon. They will be signalled, so it has to be beyond doubt: of our
// user, marked as a worker of a socket of ours, or listed and holding one, and no child of a superdaemon that lives.

import { basename } from 'node:path';
import type { ListedGeneration } from '../files/status-file.ts';
import { hasEnded, openProcess, type ProcessHandle } from '../posix/pidfd.ts';
import {
  ageMsOf,
  commandOf,
  environmentOf,
  isSecretive,
  parentOf,
  processes,
  socketsOf,
  userOf,
} from '../posix/process-facts.ts';
import type { SocketSpec } from '../sockets/socket-spec.ts';
import type { LiveGeneration } from '../superdaemon/host.ts';
import { servesOneOf, workerMark } from './worker-mark.ts';

export interface Search {
  readonly specs: readonly SocketSpec[];
  /** Of the sockets at our places that our user made, or our caller gave us. */
  readonly inodes: ReadonlySet<string>;
  /** What the status file says. */
  readonly listed: readonly ListedGeneration[];
}

/** Kept open from before it was looked at, so that no other process can be meant; undefined: the kernel refuses it. */
export type OrphanedWorker = LiveGeneration & {
  readonly handle: ProcessHandle | undefined;
  readonly obstacle?: unknown;
};

/** One a generation, ascending. */
export function orphanedWorkers(search: Search): OrphanedWorker[] {
  const found = processes().flatMap((pid) => {
    const generation = generationOf(pid, search);
    return generation === undefined ? [] : [topOf({ pid, generation }, search)];
  });
  const orphans = found.filter(({ pid }) => isOrphan(pid, search.inodes));
  return eldestOfEach(orphans, search.listed)
    .map(({ generation, pid }) => held(generation, pid))
    .filter((worker) => isCertain(worker, search))
    .sort((a, b) => a.generation - b.generation);
}

/** Of the worker that a process is, or belongs to; undefined for a stranger. */
function generationOf(pid: number, search: Search): number | undefined {
  if (!mayBeWorker(pid)) return undefined;
  const listed = search.listed.find((each) => each.pid === pid);
  const marked = markOf(pid, search);
  if (marked !== undefined && marked === listed?.generation && userOf(pid) === process.geteuid?.())
    return marked;
  const generation = marked ?? (listed !== undefined && livedThen(listed) ? listed.generation : undefined);
  return generation !== undefined && holdsOneOf(pid, search.inodes) ? generation : undefined;
}

/** Whoever has got its pid since was started later. */
function livedThen({ pid, asOf }: ListedGeneration): boolean {
  const ageMs = ageMsOf(pid);
  return ageMs !== undefined && Date.now() - ageMs < asOf + CLOCKS_DIFFER_MS;
}

/** The kernel counts a process's time in hundredths of a second. */
const CLOCKS_DIFFER_MS = 100;

function mayBeWorker(pid: number): boolean {
  const ours = process.geteuid?.();
  return pid !== process.pid && (ours === 0 || userOf(pid) === ours) && !looksLikeSuperdaemon(pid);
}

function markOf(pid: number, { specs }: Search): number | undefined {
  const mark = workerMark(environmentOf(pid));
  return mark !== undefined && servesOneOf(mark, specs) ? mark.generation : undefined;
}

function holdsOneOf(pid: number, inodes: ReadonlySet<string>): boolean {
  return [...socketsOf(pid).keys()].some((inode) => inodes.has(inode));
}

/** A worker's own children carry its mark, too. */
function topOf({ pid, generation }: LiveGeneration, search: Search): LiveGeneration {
  const parent = parentOf(pid);
  if (!(parent > 1) || !mayBeWorker(parent) || markOf(parent, search) !== generation)
    return { pid, generation };
  return topOf({ pid: parent, generation }, search);
}

/**
 * Where the status file is right about one, it is right about all. A generation that it does not know has not started yet, and
 * is newer; what is older was left behind by a worker that has gone, and is nobody's to signal.
 */
function eldestOfEach(
  found: readonly LiveGeneration[],
  allListed: readonly LiveGeneration[],
): LiveGeneration[] {
  const isRight = allListed.some(({ pid }) => found.some((each) => each.pid === pid));
  const listed = isRight ? allListed : [];
  const newest = Math.max(...listed.map(({ generation }) => generation));
  const isKnown = (each: LiveGeneration) => listed.some(({ generation }) => generation === each.generation);
  const isListed = (each: LiveGeneration) => listed.some(({ pid }) => pid === each.pid);
  const chosen = new Map<number, LiveGeneration>();
  for (const each of found) {
    if (listed.length > 0 && !isKnown(each) && each.generation < newest) continue;
    const other = chosen.get(each.generation);
    if (other === undefined || (!isListed(other) && (isListed(each) || isElder(each.pid, other.pid)))) {
      chosen.set(each.generation, each);
    }
  }
  return [...chosen.values()];
}

function isElder(pid: number, than: number): boolean {
  return (ageMsOf(pid) ?? 0) > (ageMsOf(than) ?? 0);
}

function held(generation: number, pid: number): OrphanedWorker {
  try {
    return { generation, pid, handle: openProcess(pid) };
  } catch (obstacle) {
    return { generation, pid, handle: undefined, obstacle };
  }
}

/** Looks once more, now that its pid is its own for good. */
function isCertain({ generation, pid, handle, obstacle }: OrphanedWorker, search: Search): boolean {
  const isSame = generationOf(pid, search) === generation || markOf(pid, search) === generation;
  const certain =
    isSame && isOrphan(pid, search.inodes) && (handle ? !hasEnded(handle) : obstacle !== undefined);
  if (!certain) handle?.[Symbol.dispose]();
  return certain;
}

function isOrphan(pid: number, inodes: ReadonlySet<string>): boolean {
  const parent = parentOf(pid);
  if (parent === process.pid) return true;
  // Beyond our PID namespace: who knows.
  if (!(parent > 0)) return false;
  if (!looksLikeSuperdaemon(parent)) return true;
  // A superdaemon may be the parent of any orphan as PID 1; its own workers' sockets it holds.
  return holdsOneOf(pid, inodes) && !holdsOneOf(parent, inodes) && !isSecretive(parent);
}

const LEADING_WORDS = 8;

function looksLikeSuperdaemon(pid: number): boolean {
  const words = commandOf(pid)?.slice(0, LEADING_WORDS) ?? [];
  return words.some((word) => /^start[-_]server(-cached)?(\.cjs)?$/.test(basename(word)));
}
