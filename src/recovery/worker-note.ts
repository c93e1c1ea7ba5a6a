// Who would survive us is written down: beside the pid file or the status file, with the first spawn of a turn, and at the end
// of the turn once for all others that were spawned in it, for it costs as much as a spawn. It is bookkeeping: when it
// cannot be written, say so, try again each second, and carry on.

import { once } from '../posix/libc/once.ts';
import { platform } from '../posix/libc/platform.ts';
import { startTimeOf } from '../posix/process/process-facts.ts';
import { boundAddress } from '../posix/socket/sockaddr.ts';
import type { Listener } from '../sockets/listener.ts';
import type { LiveGeneration } from '../superdaemon/host.ts';
import { bootId } from './boot-id.ts';
import { type ChosenPort, type Identity, type Note, type NotedMain, noteText } from './note-text.ts';
import { persistently } from './persistently.ts';
import { type NotePlace, notePath } from './read-note.ts';

export interface WorkerNote extends Disposable {
  spawned(worker: LiveGeneration): void;
  /** Its own process has ended; these live on, and go as workers of its generation would. */
  left(worker: LiveGeneration, pids: readonly number[]): void;
  /** These processes serve behind the worker of that pid. */
  named(worker: number, mains: readonly number[]): void;
}

export interface NoteOptions {
  readonly place: NotePlace;
  readonly listeners: readonly Listener[];
  /** Those that are there already. */
  readonly workers: readonly LiveGeneration[];
  readonly mains: readonly MainOf[];
  readonly lives: (pid: number) => boolean;
  /** Whether somebody of them serves on when we end. */
  readonly stays: () => boolean;
  readonly warn: (message: string) => void;
}

export interface MainOf {
  /** The pid of the worker that it serves for. */
  readonly worker: number;
  readonly pid: number;
}

const soon = Promise.resolve();

/** undefined where nobody could make use of it. */
export function workerNote(options: NoteOptions): WorkerNote | undefined {
  const path = notePath(options.place);
  if (path === undefined || platform.pidfd === undefined) return undefined;
  const { lives, stays, warn } = options;
  // Behind the first spawn: the worker is not to wait for it.
  const facts = once(() => ownFacts(options.listeners));
  let workers = options.workers.flatMap(noted);
  let mains = options.mains.flatMap(notedMain);
  let spawned: LiveGeneration[] = [];
  let isLaterInTurn = false;
  const takeSpawned = () => {
    if (spawned.length === 0) return;
    workers = [...workers.filter(({ pid }) => lives(pid)), ...spawned.flatMap(noted)];
    mains = mains.filter((main) => lives(main.worker));
    spawned = [];
  };
  const text = () => {
    takeSpawned();
    const own = facts();
    return own && noteText({ ...own, workers, mains });
  };
  const { write, end } = persistently(path, text, warn);

  // The program before this one, or a superdaemon that was killed, has written what is not true any more.
  if (workers.length > 0) write();
  return {
    spawned: (worker) => {
      spawned.push(worker);
      if (isLaterInTurn) return;
      isLaterInTurn = true;
      soon.then(() => {
        isLaterInTurn = false;
        if (spawned.length > 0) write();
      });
      write();
    },
    left: ({ generation, worker }, pids) => {
      if (pids.length === 0) return;
      workers = [...workers, ...pids.flatMap((pid) => noted({ generation, worker, pid }))];
      write();
    },
    named: (worker, pids) => {
      const theirs = pids.flatMap((pid) => notedMain({ worker, pid }));
      mains = [...mains.filter((main) => main.worker !== worker), ...theirs];
      write();
    },
    [Symbol.dispose]: () => {
      spawned = [];
      end(stays());
    },
  };
}

/** undefined without /proc. */
function ownFacts(listeners: readonly Listener[]): Pick<Note, 'boot' | 'superdaemon' | 'ports'> | undefined {
  const superdaemon = identityOf(process.pid);
  return superdaemon && { boot: bootId(), superdaemon, ports: chosenPorts(listeners) };
}

function noted(worker: LiveGeneration): (LiveGeneration & Identity)[] {
  const identity = identityOf(worker.pid);
  return identity === undefined ? [] : [{ ...worker, ...identity }];
}

function notedMain({ worker, pid }: MainOf): NotedMain[] {
  const identity = identityOf(pid);
  return identity === undefined ? [] : [{ worker, ...identity }];
}

function identityOf(pid: number): Identity | undefined {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

function chosenPorts(listeners: readonly Listener[]): ChosenPort[] {
  return listeners.flatMap(({ spec, from }) => {
    if (spec.kind === 'unix' || spec.port !== 0) return [];
    const address = boundAddress(from);
    return address === undefined || address.family === 'unix'
      ? []
      : [{ kind: spec.kind, name: spec.name, port: address.port }];
  });
}
