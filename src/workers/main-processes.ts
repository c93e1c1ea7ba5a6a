// The server behind a wrapper (`npm start`, a shell), which names itself by sd_notify's MAINPID: signals are for it, and go by
// its pidfd. Several may serve behind one wrapper, and each of them is told. It is to end by itself, as they have; one that
// does not is told, too, and its death is the worker's, as ever.

import { whenReadable } from '../posix/libc/libc-poll.ts';
import { hasEnded, type ProcessHandle, processHandle, signalProcess } from '../posix/process/pidfd.ts';
import type { SignalName } from '../posix/process/signals.ts';
import type { LiveGeneration } from '../superdaemon/host.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { openDescendant } from './open-descendant.ts';

export interface MainProcesses {
  /** This worker says that this process serves; it is taken at its word when that descends from it. */
  named(worker: LiveGeneration, pid: number): void;
  /** false: it is for the worker as well, since nobody else serves, or it serves itself, too. */
  signal(worker: number, signal: SignalName): boolean;
  /** Those that serve: the worker itself where nobody else has been named, or all of them have ended. */
  serving(worker: number): readonly number[];
  /** The worker has. */
  died(worker: number): void;
  /** For the successor. */
  forSuccessor(): readonly InheritedMain[];
}

export interface InheritedMain {
  /** Whose it is. */
  readonly worker: number;
  readonly pid: number;
  /** Its pidfd. */
  readonly fd: number;
  /** What it was told last; undefined: nothing yet, or its wrapper has been told as well. */
  readonly told: SignalName | undefined;
}

export interface MainWorld {
  readonly log: (event: LogEvent) => void;
  readonly signalWorker: (pid: number, signal: SignalName) => void;
  /** For those whose wrapper, this worker, has died over their heads; undefined: others tell them. */
  readonly farewellOf: (worker: number) => SignalName | undefined;
  /** Is called before the log tells it, with all of that worker's that live. */
  readonly named: (worker: number, mains: readonly number[]) => void;
  readonly inherited: readonly InheritedMain[];
}

/** A wrapper needs a moment to see that its server has ended. */
const MOMENT_MS = 1000;

interface Main {
  readonly handle: ProcessHandle;
  told: SignalName | undefined;
  [Symbol.dispose](): void;
}

export function mainProcesses(world: MainWorld): MainProcesses {
  const { log, signalWorker, farewellOf, inherited } = world;
  const all = new Map<number, readonly Main[]>();
  /** Workers that have named themselves. */
  const serving = new Set<number>();
  const livingOf = (worker: number) => (all.get(worker) ?? []).filter(({ handle }) => !hasEnded(handle));
  const keep = (worker: number, handle: ProcessHandle, told?: SignalName) => {
    const isLast = () => livingOf(worker).length === 0 && !serving.has(worker);
    const main = mainProcess({ handle, told }, (signal) => isLast() && signalWorker(worker, signal));
    all.set(worker, [...withoutEnded(all.get(worker) ?? []), main]);
  };

  for (const { worker, pid, fd, told } of inherited) keep(worker, processHandle({ pid, fd }), told);
  return {
    named: (worker, pid) => {
      if (pid === worker.pid) return void serving.add(pid);
      if (livingOf(worker.pid).some(({ handle }) => handle.pid === pid)) return;
      const handle = openDescendant(pid, worker.pid);
      if (handle === undefined) return;
      keep(worker.pid, handle);
      const pids = livingOf(worker.pid).map((main) => main.handle.pid);
      world.named(worker.pid, pids);
      log({ event: 'worker-main', ...worker, main: pid });
    },
    signal: (worker, signal) => {
      const living = livingOf(worker);
      for (const main of living) {
        main.told = signal;
        signalProcess(main.handle, signal);
      }
      return living.length > 0 && !serving.has(worker);
    },
    serving: (worker) => {
      const pids = livingOf(worker).map(({ handle }) => handle.pid);
      return pids.length === 0 || serving.has(worker) ? [worker, ...pids] : pids;
    },
    died: (worker) => {
      const farewell = farewellOf(worker);
      for (const main of all.get(worker) ?? []) {
        if (main.told === undefined && farewell !== undefined) signalProcess(main.handle, farewell);
        main[Symbol.dispose]();
      }
      all.delete(worker);
      serving.delete(worker);
    },
    forSuccessor: () =>
      [...all].flatMap(([worker, mains]) =>
        mains.map(({ handle, told }) => ({ worker, pid: handle.pid, fd: handle.fd, told })),
      ),
  };
}

/** A server that is started again and again behind its wrapper is named each time. */
function withoutEnded(mains: readonly Main[]): readonly Main[] {
  const isOver = ({ handle, told }: Main) => told === undefined && hasEnded(handle);
  const over = new Set(mains.filter(isOver));
  for (const main of over) main[Symbol.dispose]();
  return mains.filter((main) => !over.has(main));
}

/** `tellWrapper` gets what it was told when it has ended, and its wrapper lives on. */
function mainProcess(
  { handle, told }: Pick<Main, 'handle' | 'told'>,
  tellWrapper: (signal: SignalName) => void,
): Main {
  let alarm: NodeJS.Timeout | undefined;
  const passOn = () => {
    if (main.told !== undefined) tellWrapper(main.told);
    main.told = undefined;
  };
  const watching = whenReadable(handle.fd, () => {
    if (!hasEnded(handle)) return;
    watching[Symbol.dispose]();
    if (main.told !== undefined) alarm = setTimeout(passOn, MOMENT_MS);
  });
  const main: Main = {
    handle,
    told,
    [Symbol.dispose]: () => {
      watching[Symbol.dispose]();
      clearTimeout(alarm);
      handle[Symbol.dispose]();
    },
  };
  return main;
}
