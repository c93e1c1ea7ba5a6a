import { openSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openLog } from '../../src/files/log.ts';
import type { EventQueue } from '../../src/host/event-queue.ts';
import { readCaller } from '../../src/posix/process/caller.ts';
import type { Event } from '../../src/superdaemon/host.ts';
import type { Table } from '../../src/superdaemon/state.ts';
import type { Running } from '../../src/upgrade/new-configuration.ts';
import type { UpgradeState } from '../../src/upgrade/upgrade-state.ts';
import { upgrader } from '../../src/upgrade/upgrader.ts';
import { tempDir } from '../support/temp-dir.ts';

const NO_PROGRAM = '/nowhere/start-server';

it('tries the program on the disk although the log is being written to all the time', async () => {
  using dir = tempDir();
  const log = openLog(openSync(dir.join('log'), 'w'), (entry) => entry.event);
  let isBusy = true;
  const keepBusy = () => {
    log.write([{ event: { event: 'hup', deploy: 1 }, at: 0 }]);
    if (isBusy) setImmediate(keepBusy);
  };
  keepBusy();
  const tried = await new Promise<Event>((resolve) => {
    const events = { push: resolve, watch: () => {} } as unknown as EventQueue;
    const { trySuccessor } = upgrader({
      caller: { ...readCaller(), program: NO_PROGRAM },
      events,
      log: { ...log, write: () => {}, flush: () => log.flush(), hold: () => log.hold() },
      collect: () => ({}) as UpgradeState,
      running: {} as Running,
    });
    trySuccessor({} as Table, 1, undefined);
  });
  isBusy = false;
  expect(tried).toEqual({ kind: 'tried', trial: 1, refusal: `${NO_PROGRAM}: no such file or directory` });
});
