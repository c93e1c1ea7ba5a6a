// What becomes of USR2: the part that every superdaemon has in memory. The rest is loaded when it is asked for.

import type { Holdings } from '../handover/holdings.ts';
import type { Caller } from '../posix/caller.ts';
import { reason } from '../posix/system-error.ts';
import type { Checking } from '../superdaemon/host.ts';
import type { Table } from '../superdaemon/state.ts';
import type { EventQueue } from '../workers/event-queue.ts';
import type { Log } from './telling.ts';

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
  /** The last one; undefined: it was cancelled. */
  let wanted: number | undefined;
  let proof: Disposable | undefined;
  const refuse = (trial: number, refusal: string) => events.push({ kind: 'proved', trial, refusal });
  const prove = async (table: Table, trial: number) => {
    const upgrade = await import('./give-way.ts');
    if (!(await log.flush())) return refuse(trial, STALLED);
    if (trial === wanted) proof = upgrade.prove(holdings(table, ''), trial, { caller, ...events });
  };
  return {
    prove: (table, trial) => {
      wanted = trial;
      prove(table, trial).catch((error: unknown) => refuse(trial, reason(error)));
      return { kind: 'running' };
    },
    cancelProof: () => {
      wanted = undefined;
      proof?.[Symbol.dispose]();
    },
    giveWay: async (table) => {
      using held = log.hold();
      try {
        if (!(await log.flush())) return STALLED;
        const upgrade = await import('./give-way.ts');
        return await upgrade.giveWay(() => holdings(table, held.text()), caller);
      } catch (error) {
        return reason(error);
      }
    },
  };
}
