// Whose a client's pid file is, and what to tell when that is no superdaemon's, or cannot be told.

import { type PidFileOwner, pidFileOwner } from '../files/pid-file-owner.ts';
import { reason } from '../posix/libc/system-error.ts';
import { ownPidOf } from '../posix/process/process-facts.ts';
import { StartupError } from '../startup-error.ts';
import { survivorsWords } from './survivors.ts';
import { whoAnswers } from './who-answers.ts';

export interface OpenPidFile {
  readonly option: string;
  readonly pidFile: string;
  readonly fd: number;
}

/** What the file does not tell the control socket may: who listens there, by the kernel's word. */
export function ownerOf({ option, fd }: OpenPidFile): PidFileOwner {
  try {
    const owner = pidFileOwner(fd);
    if (owner.kind === 'nobody' || owner.kind === 'superdaemon') return owner;
    const isMeant = (pid: number) =>
      owner.kind === 'unseen' ? [pid, ownPidOf(pid)].includes(owner.named ?? 0) : pid === owner.pid;
    const pid = whoAnswers(fd).find(isMeant);
    return pid === undefined ? owner : { kind: 'superdaemon', pid };
  } catch (error) {
    throw new StartupError(`${option}: cannot tell whose lock it has: ${reason(error)}`, { cause: error });
  }
}

/** `statusFile`: where the client was told of one. */
export function refusal(option: string, owner: PidFileOwner, statusFile: string | undefined): StartupError {
  switch (owner.kind) {
    case 'nobody':
      return notRunning(`${option}: stale, no superdaemon has its lock`, {
        advice: survivorsWords(statusFile),
      });
    case 'starting':
      return new StartupError(`${option}: empty: a superdaemon is just starting`);
    case 'another': {
      const named = owner.named === undefined ? 'no process' : `process ${owner.named}`;
      return new StartupError(`${option}: names ${named}, but ${owner.pid} has its lock: signalling neither`);
    }
    case 'unseen':
      return new StartupError(
        `${option}: locked by a process that cannot be seen from here (in another pid namespace? no /proc?): run this beside it`,
      );
    case 'superdaemon':
      return new StartupError(`${option}: superdaemon ${owner.pid} comes and goes`);
  }
}

interface WhyNot {
  readonly advice?: string;
  readonly cause?: unknown;
}

export function notRunning(what: string, { advice = '', cause }: WhyNot): StartupError {
  return new StartupError(`${what}: no superdaemon is running${advice}`, { exitStatus: 3, cause });
}
