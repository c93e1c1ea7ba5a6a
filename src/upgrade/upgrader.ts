// What becomes of USR2: the part that every superdaemon has in memory. The rest is loaded when it is asked for.

import type { Log } from '../host/event-log.ts';
import type { EventQueue } from '../host/event-queue.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { Caller } from '../posix/process/caller.ts';
import type { Checking } from '../superdaemon/host.ts';
import type { Table } from '../superdaemon/state.ts';
import type { TriedProgram } from './trial.ts';
import type { UpgradeState } from './upgrade-state.ts';

export interface Upgrader {
  /** Tries the program on the disk with this table; `tried` follows. */
  trySuccessor(table: Table, trial: number): Checking;
  cancelTrial(): void;
  /** Lets it go on with this table. Returns only when that fails, with the reason. */
  execSuccessor(table: Table): Promise<string>;
}

export interface UpgraderOptions {
  readonly caller: Caller;
  readonly events: EventQueue;
  readonly log: Log;
  readonly collect: (table: Table, log: string) => UpgradeState;
}

const STALLED = 'nobody reads the log, and what it has not read would be lost';

export function upgrader({ caller, events, log, collect }: UpgraderOptions): Upgrader {
  /** The one that is wanted; undefined: it was cancelled. */
  let trial: number | undefined;
  let running: Disposable | undefined;
  let tried: TriedProgram | undefined;
  const attempt = async (table: Table, isWanted: () => boolean) => {
    const upgrade = await import('./trial.ts');
    if (!(await log.flush())) throw new Error(STALLED);
    if (!isWanted()) return;
    const started = (part: Disposable) => {
      running = part;
    };
    const { watch } = events;
    tried = await upgrade.trySuccessor(() => collect(table, ''), { caller, watch, started });
  };
  return {
    trySuccessor: (table, number) => {
      trial = number;
      const isWanted = () => number === trial;
      const told = (refusal: string | undefined) => {
        if (isWanted()) events.push({ kind: 'tried', trial: number, refusal });
      };
      attempt(table, isWanted).then(
        () => told(undefined),
        (error: unknown) => told(reason(error)),
      );
      return { kind: 'running' };
    },
    cancelTrial: () => {
      trial = undefined;
      running?.[Symbol.dispose]();
    },
    execSuccessor: async (table) => {
      using held = log.hold();
      try {
        if (!(await log.flush())) return STALLED;
        if (tried === undefined) throw new Error('it has not been tried');
        const upgrade = await import('./exec-successor.ts');
        return await upgrade.execSuccessor(() => collect(table, held.text()), caller, tried);
      } catch (error) {
        return reason(error);
      }
    },
  };
}
