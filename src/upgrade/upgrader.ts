// What becomes of USR2: the part that every superdaemon has in memory. The rest is loaded when it is asked for.

import type { Log } from '../host/event-log.ts';
import type { EventQueue } from '../host/event-queue.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { Caller } from '../posix/process/caller.ts';
import type { Checking } from '../superdaemon/host.ts';
import type { Reconfiguration } from '../superdaemon/reconfiguration.ts';
import type { Table } from '../superdaemon/state.ts';
import type { NewConfiguration, Running } from './new-configuration.ts';
import type { TriedProgram } from './trial.ts';
import type { UpgradeState } from './upgrade-state.ts';

export interface Upgrader {
  /** Tries the program on the disk with this table, and what `to` asks for; `tried` follows. */
  trySuccessor(table: Table, trial: number, to: Reconfiguration | undefined): Checking;
  cancelTrial(): void;
  /** Lets it go on with this table. Returns only when that fails, with the reason. */
  execSuccessor(table: Table): Promise<string>;
}

export interface UpgraderOptions {
  readonly caller: Caller;
  readonly events: EventQueue;
  readonly log: Log;
  readonly collect: (table: Table, log: string) => UpgradeState;
  /** What a new command line begins with. */
  readonly running: Running;
}

const STALLED = 'nobody reads the log, and what it has not read would be lost';

export function upgrader({ caller, events, log, running: ours, collect }: UpgraderOptions): Upgrader {
  /** The one that is wanted; undefined: it was cancelled. */
  let trial: number | undefined;
  let running: Disposable | undefined;
  let tried: TriedProgram | undefined;
  const configuration = configurationOf(ours);
  const stateOf = (table: Table, unwritten: string) => configuration.applyTo(collect(table, unwritten));
  const attempt = async (table: Table, to: Reconfiguration | undefined, isWanted: () => boolean) => {
    const upgrade = await import('./trial.ts');
    if (!(await isRead(log))) throw new Error(STALLED);
    await configuration.open(to, table, isWanted);
    if (!isWanted()) return;
    const started = (part: Disposable) => {
      running = part;
    };
    const { watch } = events;
    tried = await upgrade.trySuccessor(() => stateOf(table, ''), { caller, watch, started });
  };
  return {
    trySuccessor: (table, number, to) => {
      trial = number;
      const isWanted = () => number === trial;
      const told = (refusal: string | undefined) => {
        if (!isWanted()) return;
        if (refusal !== undefined) configuration.close();
        events.push({ kind: 'tried', trial: number, refusal });
      };
      attempt(table, to, isWanted).then(
        () => told(undefined),
        (error: unknown) => told(reason(error)),
      );
      return { kind: 'running' };
    },
    cancelTrial: () => {
      trial = undefined;
      running?.[Symbol.dispose]();
      configuration.close();
    },
    execSuccessor: async (table) => {
      using held = log.hold();
      try {
        if (!(await log.flush())) return STALLED;
        if (tried === undefined) throw new Error('it has not been tried');
        const upgrade = await import('./exec-successor.ts');
        return await upgrade.execSuccessor(() => stateOf(table, held.text()), caller, tried);
      } catch (error) {
        return reason(error);
      } finally {
        configuration.close();
      }
    },
  };
}

/** Lines that come meanwhile wait: however many come, this has an end. */
async function isRead(log: Log): Promise<boolean> {
  using _held = log.hold();
  return await log.flush();
}

/** What the successor goes by: what we do, unless another command line is opened. */
function configurationOf(ours: Running) {
  let opened: NewConfiguration | undefined;
  const close = () => {
    opened?.[Symbol.dispose]();
    opened = undefined;
  };
  return {
    open: async (to: Reconfiguration | undefined, { wanted }: Table, isWanted: () => boolean) => {
      close();
      if (to === undefined) return;
      const { openNewConfiguration } = await import('./new-configuration.ts');
      const found = await openNewConfiguration(to, ours, wanted);
      if (isWanted()) opened = found;
      else found[Symbol.dispose]();
    },
    applyTo: (state: UpgradeState) => opened?.applyTo(state) ?? state,
    close,
  };
}
