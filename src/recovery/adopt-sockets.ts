// The sockets at our places become ours, as far as they are survivors' and the kernel lets us.

import { listen } from '../posix/libc/libc.ts';
import { reason, systemError } from '../posix/libc/system-error.ts';
import { isSecretive } from '../posix/process/process-facts.ts';
import type { SocketSpec } from '../sockets/socket-spec.ts';
import { StartupError } from '../startup-error.ts';
import { type Adopted, type AdoptSocket, adopter } from './adopt-socket.ts';
import { adoptionRefused } from './adoption-refused.ts';
import type { BoundAddress, Look } from './bound-sockets.ts';
import type { Recovering } from './recovered.ts';

export interface Adopting {
  /** Connections that the kernel may queue. */
  readonly backlog: number;
  readonly warn: (line: string) => void;
  /** Nothing is to be changed by it. */
  readonly rehearsal?: true;
}

/** Throws StartupError when one that we need cannot be had. */
export function adoptSockets(taken: Recovering, look: Look, how: Adopting): void {
  const adopt = adopter(taken.workers);
  try {
    for (const place of look.places) {
      if (place.isOurs || place.inodes.length === 0) continue;
      settle(place.spec, { ...how, taken, result: adoptedAt(place, { ...look, adopt, taken }) });
    }
  } catch (error) {
    taken[Symbol.dispose]();
    throw error;
  }
}

interface AdoptionOptions extends Pick<Look, 'open'> {
  readonly adopt: AdoptSocket;
  readonly taken: Recovering;
}

function adoptedAt({ spec, inodes }: BoundAddress, { open, adopt, taken }: AdoptionOptions): Adopted {
  for (const inode of inodes) {
    const result = adopt(inode, open().get(inode) ?? []);
    if (result.kind !== 'not-theirs') return result;
  }
  const isUnseen = inodes.every((inode) => open().get(inode) === undefined);
  const worker =
    isUnseen && spec.kind === 'tcp' ? taken.workers.find(({ pid }) => isSecretive(pid)) : undefined;
  return worker === undefined ? { kind: 'not-theirs' } : { kind: 'denied', worker, error: unseen() };
}

const EACCES = 13;

/** Nobody is seen to have it, and there is a survivor that we may not look into. */
function unseen(): Error {
  return systemError('open', EACCES);
}

interface Settling extends Adopting {
  readonly taken: Recovering;
  readonly result: Adopted;
}

function settle(spec: SocketSpec, { taken, result, ...how }: Settling): void {
  switch (result.kind) {
    case 'adopted':
      taken.sockets.set(spec, result.fd);
      if (spec.kind !== 'udp' && !how.rehearsal) listenAgain(spec, result.fd, how.backlog);
      return;
    case 'denied':
      // Nobody else can have the port, whereas a path can be bound anew.
      if (spec.kind !== 'unix') throw adoptionRefused(spec, result);
      how.warn(`warning: ${adoptionRefused(spec, result).message}`);
      taken.abandoned.add(spec);
      return;
    case 'not-theirs':
  }
}

/** For the queue's length, and for the kernel to call us its owner before anybody else gets a turn. */
function listenAgain({ option }: SocketSpec, fd: number, backlog: number): void {
  try {
    listen(fd, backlog);
  } catch (error) {
    throw new StartupError(`${option}: cannot listen: ${reason(error)}`, { cause: error });
  }
}
