// The log command as it lives: one that dies is started again, and a pipe that it leaves full does not hold up the workers.

import { now } from '../posix/clock.ts';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { Caller } from '../posix/process/caller.ts';
import { endInWords } from '../superdaemon/wait-status.ts';
import { dropOverflow } from './drop-overflow.ts';
import { followReader } from './log-reader.ts';

export interface LogCommandOptions {
  readonly caller: Pick<Caller, 'environment' | 'openFilesLimit'>;
  /** Calls back with the wait status when this child of ours has died. */
  readonly watch: (pid: number, died: (status: number | undefined) => void) => void;
  readonly warn: (message: string) => void;
}

export interface LogCommand extends Disposable {
  /** The writing end. */
  readonly fd: number;
  forSuccessor(): InheritedLogCommand;
}

/** What the successor is told; all but the pid are open descriptors. */
export interface InheritedLogCommand extends Streams {
  readonly read: number;
  readonly write: number;
  /** undefined: it has died, and is to be started again. */
  readonly pid: number | undefined;
}

export interface Streams {
  readonly stdout: number;
  readonly stderr: number;
}

/** A command that dies is started again, not more often than this. */
const RESTART_SPACING_MS = 1000;
/** What has ended within that time so often in a row does not read. */
const SHORT_LIVES = 2;
/** How long a command that lives may leave the pipe full: until then whoever writes waits, and nothing is lost. */
const PATIENCE_MS = 5000;

export class SupervisedCommand implements LogCommand {
  readonly fd: number;
  readonly #streams: InheritedLogCommand;
  readonly #launch: () => number;
  readonly #watch: LogCommandOptions['watch'];
  readonly #warn: LogCommandOptions['warn'];
  readonly #overflow: Disposable;
  #running: { readonly pid: number; readonly startedAt: number } | undefined;
  #restart: Disposable | undefined;
  #wanted = true;
  #shortLives = 0;

  constructor(inherited: InheritedLogCommand, launch: () => number, { watch, warn }: LogCommandOptions) {
    this.fd = inherited.write;
    this.#streams = inherited;
    this.#launch = launch;
    this.#watch = watch;
    this.#warn = warn;
    if (inherited.pid === undefined) this.#startAgain();
    else this.#supervise(inherited.pid, now());
    this.#overflow = dropOverflow(inherited, { patienceMs: () => this.#patienceMs(), warn });
  }

  forSuccessor(): InheritedLogCommand {
    return { ...this.#streams, pid: this.#running?.pid };
  }

  [Symbol.dispose](): void {
    this.#wanted = false;
    this.#overflow[Symbol.dispose]();
    this.#restart?.[Symbol.dispose]();
    // Died and not started again yet: somebody has to read what waits in the pipe.
    if (this.#restart !== undefined) this.#startAgain();
    closeQuietly(this.#streams.write);
    closeQuietly(this.#streams.read);
  }

  #supervise(pid: number, startedAt: number): void {
    this.#running = { pid, startedAt };
    this.#watch(pid, (status) => {
      this.#running = undefined;
      const early = youngFor(startedAt);
      this.#shortLives = early > 0 ? this.#shortLives + 1 : 0;
      if (!this.#wanted) return;
      this.#warn(`log command ${pid} ${endInWords(status)}${inWords(status)}, starting it again`);
      this.#restart = this.#startAfter(Math.max(0, early));
    });
  }

  #startAgain(): void {
    // It may have put itself into the background: one more each second would be too many.
    this.#restart = followReader(this.#streams.read, {
      warn: (message) => this.#wanted && this.#warn(message),
      ended: () => this.#startAgain(),
    });
    if (this.#restart !== undefined) {
      this.#shortLives = 0;
      return;
    }
    const startedAt = now();
    try {
      this.#supervise(this.#launch(), startedAt);
    } catch (error) {
      this.#warn(`cannot start the log command: ${reason(error)}`);
      this.#restart = this.#startAfter(RESTART_SPACING_MS);
    }
  }

  #startAfter(ms: number): Disposable {
    const timer = setTimeout(() => this.#startAgain(), ms);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }

  #patienceMs(): number {
    const isShortLived = this.#shortLives >= SHORT_LIVES && youngFor(this.#running?.startedAt ?? now()) > 0;
    return isShortLived ? 0 : PATIENCE_MS;
  }
}

/** How long until it has lived long enough to be a command that works. */
function youngFor(startedAt: number): number {
  return startedAt + RESTART_SPACING_MS - now();
}

/** The shell's own statuses. */
function inWords(status: number | undefined): string {
  if (status === 127 << 8) return ' (a program was not found)';
  return status === 126 << 8 ? ' (a program could not be executed)' : '';
}
