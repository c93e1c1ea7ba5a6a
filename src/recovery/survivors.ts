// Which processes are workers that outlived their superdaemon. They will be signalled, so it has to be beyond doubt: written
// down by that superdaemon; or, what nothing written knows, of our user, with the variables of a worker of our sockets in its
// environment, one of these sockets open, and no child of a superdaemon that lives.

import type { Environment } from '../posix/process/caller.ts';
import { looksLikeSuperdaemon } from '../posix/process/looks-like-superdaemon.ts';
import { openProcess, type ProcessHandle } from '../posix/process/pidfd.ts';
import { environmentOf, parentOf, startTimeOf, userOf } from '../posix/process/process-facts.ts';
import type { SocketSpec } from '../sockets/socket-spec.ts';
import type { LiveGeneration } from '../superdaemon/host.ts';
import type { InheritedMain } from '../workers/main-processes.ts';
import { markOf } from '../workers/tree-mark.ts';
import type { Note } from './note-text.ts';
import { lives } from './read-note.ts';
import { servesOneOf, workerMark } from './worker-mark.ts';

/** Kept open from before it was looked at, so that no other process can be meant; undefined: the kernel refuses it. */
export type Survivor = LiveGeneration & {
  readonly handle: ProcessHandle | undefined;
  readonly obstacle?: unknown;
};

export function notedSurvivors({ workers }: Pick<Note, 'workers'>): Survivor[] {
  return workers.flatMap(({ generation, worker, ...process }) => {
    const held = hold(process.pid);
    if (held !== undefined && lives(process)) return [{ generation, worker, ...held }];
    held?.handle?.[Symbol.dispose]();
    return [];
  });
}

/** Who serves behind them, as far as it can be held. */
export function notedMains({ mains }: Pick<Note, 'mains'>, survivors: readonly Survivor[]): InheritedMain[] {
  return mains.flatMap(({ worker, ...process }) => {
    const held = survivors.some(({ pid }) => pid === worker) ? hold(process.pid)?.handle : undefined;
    if (held !== undefined && lives(process))
      return [{ worker, pid: held.pid, fd: held.fd, told: undefined }];
    held?.[Symbol.dispose]();
    return [];
  });
}

export interface SurvivorSearch {
  readonly specs: readonly SocketSpec[];
  /** Who has a socket open that our user made at our places, or our caller gave us. */
  readonly pids: ReadonlySet<number>;
  /** With --kill-tree: what the marks of that superdaemon's workers begin with; undefined: what they have left is nobody's. */
  readonly treesOf: string | undefined;
  /** Whether it has one that is ours alone to bind. */
  readonly holdsPlace: (pid: number) => boolean;
  readonly written: Written;
}

/** Up to which generation all is known, and the last one that is; `newest` is undefined where nothing is written. */
export interface Written {
  readonly known: number;
  readonly newest: number | undefined;
}

/** One a generation and slot: the eldest, for what a worker has started carries its mark, too. */
export function markedSurvivors(search: SurvivorSearch): Survivor[] {
  const chosen = new Map<string, Survivor>();
  // What a tree has is to go with it, all of it.
  const place = ({ generation, worker = 0, pid }: Survivor) =>
    isOfTree(pid, search) ? String(pid) : `${generation}/${worker}`;
  for (const pid of search.pids) {
    const found = marked(pid, search);
    if (found === undefined) continue;
    const rival = chosen.get(place(found));
    const [elder, other] = rival !== undefined && isElder(rival, found) ? [rival, found] : [found, rival];
    chosen.set(place(elder), elder);
    other?.handle?.[Symbol.dispose]();
  }
  return [...chosen.values()];
}

function marked(pid: number, search: SurvivorSearch): Survivor | undefined {
  const held = hold(pid);
  const environment = held && environmentOf(pid);
  const generation = environment && generationOf(pid, environment, search);
  if (held !== undefined && environment !== undefined && generation !== undefined) {
    return { generation, worker: slotOf(environment), ...held };
  }
  held?.handle?.[Symbol.dispose]();
  return undefined;
}

function slotOf(environment: Environment): number | undefined {
  const slot = environment.get('SERVER_STARTER_WORKER') ?? '';
  return /^\d{1,4}$/.test(slot) ? Number(slot) : undefined;
}

function generationOf(pid: number, environment: Environment, search: SurvivorSearch): number | undefined {
  const ours = process.geteuid?.();
  if (!(ours === 0 || userOf(pid) === ours) || looksLikeSuperdaemon(pid)) return undefined;
  const mark = workerMark(environment);
  if (mark === undefined || !servesOneOf(mark, search.specs) || !isOrphan(pid, search)) return undefined;
  if (isOfTree(pid, search)) return mark.generation;
  return credible(mark.generation, search.written);
}

/** By its mark, which counts beside all else that speaks for it. */
function isOfTree(pid: number, { treesOf }: SurvivorSearch): boolean {
  return treesOf !== undefined && (markOf(pid)?.startsWith(`${treesOf}.`) ?? false);
}

/** A worker can write into its environment what it likes: no number of its invention may spoil those that follow. */
const FAR = 1000;
const UTMOST = 99_999_999;

function credible(generation: number, { known, newest }: Written): number | undefined {
  if (newest === undefined) return generation > UTMOST ? 1 : generation;
  // What is known to be none of the workers was left behind by one that has gone, and is nobody's to signal.
  return generation > known && generation <= newest + FAR ? generation : undefined;
}

/** Its parent is whoever takes orphans in: PID 1, a subreaper, ourselves. A superdaemon at work holds its workers' sockets. */
function isOrphan(pid: number, { pids, holdsPlace }: SurvivorSearch): boolean {
  const parent = parentOf(pid);
  if (parent === process.pid) return true;
  // 0: it is beyond our PID namespace, and who knows.
  if (!parent || holdsPlace(parent)) return false;
  return !(looksLikeSuperdaemon(parent) && pids.has(parent));
}

function isElder(some: Survivor, other: Survivor): boolean {
  return (startTimeOf(some.pid) ?? Number.POSITIVE_INFINITY) <= (startTimeOf(other.pid) ?? 0);
}

/** undefined when there is no such process. */
function hold(pid: number): Pick<Survivor, 'pid' | 'handle' | 'obstacle'> | undefined {
  try {
    const handle = openProcess(pid);
    return handle && { pid, handle };
  } catch (obstacle) {
    return { pid, handle: undefined, obstacle };
  }
}
