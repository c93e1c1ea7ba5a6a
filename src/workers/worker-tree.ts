// What one worker has left that has ended: its processes, each held, and what it was told last, which is for those, too, that
// turn up later. It ends with the last of them. A class, for there is one for each worker that has left anything.

import { whenReadable } from '../posix/libc/libc-poll.ts';
import { errorCode, reason } from '../posix/libc/system-error.ts';
import { holdDescendants } from '../posix/process/descendants.ts';
import { hasEnded, type ProcessHandle, processHandle, signalProcess } from '../posix/process/pidfd.ts';
import { commandOf } from '../posix/process/process-facts.ts';
import type { SignalName } from '../posix/process/signals.ts';
import type { Bereft, Survivor } from './survivor-table.ts';

export interface InheritedTree extends Bereft {
  /** undefined: none is known. */
  readonly mark: string | undefined;
  /** It was another superdaemon's child. */
  readonly isAdopted: boolean;
  readonly told: SignalName | undefined;
  readonly members: readonly InheritedMember[];
}

export interface InheritedMember {
  readonly pid: number;
  /** Its pidfd. */
  readonly fd: number;
  readonly command: string;
}

export interface TreeWorld {
  /** Whose parents have ended since; each held. */
  readonly orphans: () => readonly ProcessHandle[];
  readonly ended: (tree: WorkerTree) => void;
  /** The kernel does not let us signal it; it is nobody's any more. */
  readonly refused: (worker: Bereft, handle: ProcessHandle, why: string) => void;
}

interface Member extends InheritedMember {
  readonly handle: ProcessHandle;
  readonly watching: Disposable;
}

export class WorkerTree {
  readonly worker: Bereft;
  readonly #begins: InheritedTree;
  readonly #world: TreeWorld;
  readonly #members = new Map<number, Member>();
  #told: SignalName | undefined;
  #isLooking = false;

  constructor(begins: InheritedTree, world: TreeWorld) {
    const { generation, worker, pid, told, members } = begins;
    this.worker = { generation, worker, pid };
    this.#begins = begins;
    this.#world = world;
    this.#told = told;
    for (const { command, ...inherited } of members) this.#keep(processHandle(inherited), command);
  }

  add(handles: readonly ProcessHandle[]): void {
    for (const handle of handles) {
      const { pid } = handle;
      if (this.has(pid) || hasEnded(handle)) handle[Symbol.dispose]();
      else {
        const member = this.#keep(handle, (commandOf(pid) ?? []).join(' '));
        if (this.#told !== undefined) this.#tell(member, this.#told);
      }
    }
  }

  signal(signal: SignalName): void {
    for (const pid of [...this.#members.keys()]) this.add(holdDescendants(pid));
    this.#told = signal;
    for (const member of [...this.#members.values()]) this.#tell(member, signal);
  }

  has(pid: number): boolean {
    return this.#members.has(pid);
  }

  living(): readonly Survivor[] {
    const { generation, pid: leftBy } = this.worker;
    return Array.from(this.#members.values(), ({ pid, command }) => ({ generation, leftBy, pid, command }));
  }

  forSuccessor(): InheritedTree {
    const members = Array.from(this.#members.values(), ({ pid, fd, command }) => ({ pid, fd, command }));
    return { ...this.#begins, told: this.#told, members };
  }

  /** Those that end at the same time have their orphans looked for together. */
  lookSoon(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    setImmediate(() => {
      this.#isLooking = false;
      this.add(this.#world.orphans());
      if (this.#members.size === 0) this.#world.ended(this);
    });
  }

  #keep(handle: ProcessHandle, command: string): Member {
    const { pid, fd } = handle;
    const watching = whenReadable(fd, () => {
      if (!hasEnded(handle)) return;
      this.#release(pid);
      handle[Symbol.dispose]();
    });
    const member = { pid, fd, command, handle, watching };
    this.#members.set(pid, member);
    return member;
  }

  #release(pid: number): void {
    this.#members.get(pid)?.watching[Symbol.dispose]();
    this.#members.delete(pid);
    this.lookSoon();
  }

  #tell({ pid, handle }: Member, signal: SignalName): void {
    try {
      signalProcess(handle, signal);
    } catch (error) {
      if (errorCode(error) !== 'EPERM') throw error;
      this.#release(pid);
      this.#world.refused(this.worker, handle, reason(error));
    }
  }
}
