// After a superdaemon was killed its workers serve on. Their listening sockets are copied out of their hands, with all that
// waits in the queues, and they become our old generations. Nothing is done to them here: whatever goes wrong, they serve on.

import { listedGenerations } from '../files/status-file.ts';
import { once } from '../posix/libc/once.ts';
import { platform } from '../posix/libc/platform.ts';
import { makerOf, openSockets } from '../posix/process/open-sockets.ts';

import type { ActivatedSocket } from '../sockets/activation.ts';
import { matchActivated } from '../sockets/match-activated.ts';
import type { SocketSpec } from '../sockets/socket-spec.ts';
import type { LiveGeneration } from '../superdaemon/host.ts';
import { superdaemonMark } from '../workers/tree-mark.ts';
import { type Adopting, adoptSockets } from './adopt-sockets.ts';
import { type Look, lookAt } from './bound-sockets.ts';
import { lockSurvivors } from './lock-survivors.ts';
import type { Note } from './note-text.ts';
import { lives, type NotePlace, readNote } from './read-note.ts';
import { nobody, type Recovered, recovered } from './recovered.ts';
import {
  markedSurvivors,
  notedMains,
  notedSurvivors,
  type Survivor,
  type SurvivorSearch,
  type Written,
} from './survivors.ts';
import { whenExecuted } from './when-executed.ts';

export interface RecoveryOptions extends NotePlace, Adopting {
  readonly killTree: boolean;
  readonly sockets: readonly SocketSpec[];
  /** They win over a survivor's. */
  readonly activated: readonly ActivatedSocket[];
}

/** Throws StartupError when a survivor has a port of ours and the kernel does not let us take it. */
export async function recover(options: RecoveryOptions): Promise<Recovered> {
  if (platform.pidfd === undefined) return nobody();
  const placed = matchActivated(options.sockets, options.activated);
  const note = readNote(options);
  const noted = note?.workers.filter(lives) ?? [];
  const first = lookAt(placed, note?.ports);
  if (noted.length === 0 && first.places.every(({ inodes }) => inodes.length === 0)) return nobody();
  using _turn = await lockSurvivors([...holders(first), ...noted.map(({ pid }) => pid)]);
  const look = await lookAgain(
    first,
    noted.map(({ pid }) => pid),
  );
  const listed = note === undefined && options.statusFile ? listedGenerations(options.statusFile) : [];
  const survivors = survivorsOf(look, {
    ...{ specs: placed.map(({ spec }) => spec), note, listed },
    treesOf: options.killTree && note !== undefined ? markOfNoted(note) : undefined,
  });
  const newest = Math.max(0, ...[...(note?.workers ?? []), ...listed].map(generation));
  const mains = note === undefined ? [] : notedMains(note, survivors);
  const taken = recovered(survivors, newest, { mains, open: look.open });
  adoptSockets(taken, look, options);
  return taken;
}

/**
 * Who had the turn before us may have adopted them. And who is on his way through execve(2) has his superdaemon's descriptors still,
 * and behind it others: nobody is, in the look that counts.
 */
async function lookAgain(first: Look, noted: readonly number[]): Promise<Look> {
  for (let look = first; ; ) {
    const hasWaited = await whenExecuted(new Set([...ownHolders(look), ...noted]));
    look = { ...first, open: once(openSockets) };
    if (!hasWaited) return look;
  }
}

const generation = (each: LiveGeneration) => each.generation;

function markOfNoted({ superdaemon }: Note): string {
  return superdaemonMark(superdaemon.pid, superdaemon.startTime);
}

interface Evidence extends Pick<SurvivorSearch, 'treesOf'> {
  readonly specs: readonly SocketSpec[];
  readonly note: Note | undefined;
  /** What a status file says that no note stands beside: another program's. */
  readonly listed: readonly LiveGeneration[];
}

function survivorsOf(look: Look, { specs, note, listed, treesOf }: Evidence): Survivor[] {
  const noted = note === undefined ? [] : notedSurvivors(note);
  const pids = ownHolders(look);
  for (const { pid } of noted) pids.delete(pid);
  const bound = holders({ ...look, places: look.places.filter(({ isOurs }) => !isOurs) });
  const written = note === undefined ? writtenIn(listed, pids) : writtenBy(note, noted);
  const marked = markedSurvivors({ specs, pids, treesOf, holdsPlace: (pid) => bound.has(pid), written });
  return [...noted, ...marked].sort((a, b) => a.generation - b.generation);
}

/** It knows of all that were spawned, but perhaps for the very last. */
function writtenBy({ workers }: Note, noted: readonly Survivor[]): Written {
  const newest = Math.max(0, ...workers.map(generation));
  return { known: noted.length > 0 ? newest : 0, newest };
}

/** Where it is right about one, it is right about all that started. */
function writtenIn(listed: readonly LiveGeneration[], pids: ReadonlySet<number>): Written {
  if (listed.length === 0) return { known: 0, newest: undefined };
  const isRight = listed.some(({ pid }) => pids.has(pid));
  const numbers = listed.map(generation);
  return { known: isRight ? Math.min(...numbers) - 1 : 0, newest: Math.max(...numbers) };
}

function holders({ places, open }: Look): Set<number> {
  const inodes = places.flatMap((place) => place.inodes);
  return new Set(inodes.flatMap((inode) => open().get(inode) ?? []).map(({ pid }) => pid));
}

/** A socket that another user made was never ours, whoever has it: it proves nothing about who holds it. */
function ownHolders(look: Look): Set<number> {
  const ours = process.geteuid?.();
  const isOwn = (inode: string) =>
    look
      .open()
      .get(inode)
      ?.some((hand) => makerOf(hand) === ours) ?? false;
  const places = look.places.map((place) =>
    place.isOurs ? place : { ...place, inodes: place.inodes.filter(isOwn) },
  );
  return holders({ ...look, places });
}
