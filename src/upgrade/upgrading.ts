// What becomes of USR2: the part that every superdaemon has in memory. The rest is loaded when it is asked for.

import type { EventQueue } from '../host/event-queue.ts';
import type { Log } from '../host/telling.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { Caller } from '../posix/process/caller.ts';
import type { Checking } from '../superdaemon/host.ts';
import type { Table } from '../superdaemon/state.ts';
import type { Holdings } from './holdings.ts';
import type { Proven } from './prove.ts';

export interface Upgrading {
  /** Tries the program on the disk with this table; `proved` follows. */
  prove(table: Table, trial: number): Checking;
  cancelProof(): void;
  /** Lets it go on with this table. Returns only when that fails, with the reason. */
  giveWay(table: Table): Promise<string>;
}

export interface UpgradingWorld {
  readonly caller: Caller;
  readonly events: EventQueue;
  readonly log: Log;
  readonly holdings: (table: Table, log: string) => Holdings;
}

const STALLED = 'nobody reads the log, and what it has not read would be lost';

export function upgrading({ caller, events, log, holdings }: UpgradingWorld): Upgrading {
  /** The one that is wanted; undefined: it was cancelled. */
  let trial: number | undefined;
  let running: Disposable | undefined;
  let proven: Proven | undefined;
  const prove = async (table: Table, isWanted: () => boolean) => {
    const upgrade = await import('./prove.ts');
    if (!(await log.flush())) throw new Error(STALLED);
    if (!isWanted()) return;
    const begun = (part: Disposable) => {
      running = part;
    };
    const { watch } = events;
    proven = await upgrade.prove(holdings(table, ''), { caller, watch, begun });
  };
  return {
    prove: (table, number) => {
      trial = number;
      const isWanted = () => number === trial;
      const told = (refusal: string | undefined) => {
        if (isWanted()) events.push({ kind: 'proved', trial: number, refusal });
      };
      prove(table, isWanted).then(
        () => told(undefined),
        (error: unknown) => told(reason(error)),
      );
      return { kind: 'running' };
    },
    cancelProof: () => {
      trial = undefined;
      running?.[Symbol.dispose]();
    },
    giveWay: async (table) => {
      using held = log.hold();
      try {
        if (!(await log.flush())) return STALLED;
        if (proven === undefined) throw new Error('it has not been tried');
        const upgrade = await import('./give-way.ts');
        return await upgrade.giveWay(() => holdings(table, held.text()), caller, proven);
      } catch (error) {
        return reason(error);
      }
    },
  };
}
