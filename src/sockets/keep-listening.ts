// All generations share the listening sockets, so a worker that goes may spoil them for those that come: by shutdown(2), by
// another backlog, or by removing the file: so before each spawn they are put right. (TCP's backlog by the spawn: spawn.ts.)

import { closeQuietly, duplicateTo, setBlocking } from '../posix/file/descriptor.ts';
import { listen, socket } from '../posix/libc/libc.ts';
import { platform } from '../posix/libc/platform.ts';
import { StartupError } from '../startup-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { bindUnix } from './bind-unix.ts';
import { complaintsTo } from './complaints.ts';
import type { Listener, ListenersNow } from './listener.ts';
import type { PathAccess } from './path-access.ts';
import { shutDownOf } from './shut-down.ts';
import { isAt, spareNames } from './spare-name.ts';
import { clearPath } from './unix-path.ts';

export interface KeepListening extends Disposable {
  /**
   * Before a spawn: puts right what can be; `warn` is told of it, and of what cannot. Returns whether a socket was bound anew,
   * which the workers that live do not have.
   */
  renew(): boolean;
  /** Before a worker is told to go. */
  leaving(pid: number): void;
  /** A death has consequences: puts right what helps those who live, and says what only the next spawn can. */
  onEvent(event: LogEvent): void;
  /** The options whose sockets nobody can connect to at the moment. */
  unreachable(): readonly string[];
}

export interface KeepListeningOptions {
  readonly pathAccess: PathAccess;
  readonly blocking: boolean;
  readonly warn: (message: string) => void;
}

export function keepListening(listeners: ListenersNow, options: KeepListeningOptions): KeepListening {
  const shutDown = shutDownOf(listeners);
  const spares = spareNames(listeners, options.warn);
  const leaving = new Set<number>();
  let stops = false;
  const complaints = complaintsTo(options.warn);
  const forEach = (act: (listener: Listener, isShut: boolean) => void) => {
    const shut = shutDown();
    // What has no file can only have been shut down.
    const isSuspect = shut.size + complaints.count() > 0 ? () => true : hasFile;
    for (const each of listeners().filter(isSuspect))
      complaints.about(each.spec, () => act(each, shut.has(each)));
  };
  return {
    renew: () => {
      let rebound = false;
      forEach((listener, isShut) => {
        if (isSpoiled(listener, isShut)) spares.restore();
        if (!isSpoiled(listener, isShut))
          return isShut ? listenAgain(listener, options) : restoreQueue(listener);
        bindAnew(listener, options);
        rebound = true;
      });
      return rebound;
    },
    leaving: (pid) => {
      leaving.add(pid);
      spares.have();
    },
    onEvent: (event) => {
      if (event.event === 'stopping') {
        stops = true;
        return spares.end();
      }
      if (stops || !isDeath(event)) return;
      leaving.delete(event.pid);
      spares.restore();
      if (leaving.size === 0) spares.remove();
      forEach((listener, isShut) => {
        if (isSpoiled(listener, isShut)) throw new StartupError(`${listener.spec.option}: ${SPOILED}`);
        if (isShut) listenAgain(listener, options);
      });
    },
    unreachable: () => {
      const shut = shutDown();
      const isLost = (each: Listener) => complaints.has(each.spec) || !isReachable(each, shut.has(each));
      return optionsOf(listeners().filter(isLost));
    },
    [Symbol.dispose]: spares.end,
  };
}

function optionsOf(listeners: readonly Listener[]): string[] {
  return [...new Set(listeners.map(({ spec }) => spec.option))];
}

function hasFile({ file }: Listener): boolean {
  return file !== undefined;
}

/** Of a worker that may have spoiled a socket as it went, while we serve on. */
function isDeath(event: LogEvent): event is Death {
  if (event.event === 'worker-died') return event.role !== 'stopping';
  return event.event === 'worker-failed-to-start' || event.event === 'worker-tree-ended';
}

type Death = Extract<LogEvent, { event: 'worker-died' | 'worker-failed-to-start' | 'worker-tree-ended' }>;

/** By us: the child would be named as the one that listens. TCP's it restores itself (queuesOf). */
function restoreQueue({ spec, from, backlog }: Listener): void {
  if (spec.kind === 'unix' && backlog !== undefined) listen(from, backlog);
}

function listenAgain({ spec, from, backlog }: Listener, { warn }: KeepListeningOptions) {
  if (spec.kind === 'udp') return;
  listen(from, backlog ?? platform.SOMAXCONN);
  warn(`${spec.option}: a worker had shut the socket down: listening again`);
}

const SPOILED = 'the file was removed or the socket shut down, by a worker, it seems';

/** What waits in the old one's queue is the old workers'. */
function bindAnew(listener: Listener, { pathAccess, blocking, warn }: KeepListeningOptions): void {
  const { spec, from, backlog = platform.SOMAXCONN } = listener;
  if (spec.kind !== 'unix') return;
  clearPath(spec, () => {});
  const fd = socket(platform.AF_UNIX, platform.SOCK_STREAM, 0);
  try {
    setBlocking(fd, blocking);
    listener.file = bindUnix(fd, spec, { pathAccess, backlog });
    duplicateTo(fd, from);
  } finally {
    closeQuietly(fd);
  }
  warn(`${spec.option}: ${SPOILED}: bound a new one`);
}

function isReachable(listener: Listener, isShut: boolean): boolean {
  return !isSpoiled(listener, isShut) && (!isShut || listener.spec.kind === 'udp');
}

/** No client can get to it any more, whoever listens: to one that was shut down listen(2) is no help, either. */
function isSpoiled({ spec, file }: Listener, isShut: boolean): boolean {
  return spec.kind === 'unix' && file !== undefined && (isShut || !isAt(spec.path, file));
}
