// From an invocation to a running superdaemon: the log and the events, its resources, its workers, the Host that the
// loop asks for all of it, and the loop. What fails while workers live releases nothing: their sockets and files are what
// they can be recovered by.

import type { StartOptions } from '../command-line/start-options.ts';
import { realHost } from '../host/real-host.ts';
import type { Caller } from '../posix/process/caller.ts';
import { showAs } from '../posix/process/process-name.ts';
import { releaseProgramPages } from '../posix/process/program-pages.ts';
import { StartupError } from '../startup-error.ts';
import type { Host } from '../superdaemon/host.ts';
import type { Before, Outcome } from '../superdaemon/state.ts';
import { superdaemon } from '../superdaemon/superdaemon.ts';
import { stateCollector } from '../upgrade/collect-state.ts';
import { finishUpgrade } from '../upgrade/finish-upgrade.ts';
import type { PredecessorState } from '../upgrade/upgrade-state.ts';
import { type Upgrader, upgrader } from '../upgrade/upgrader.ts';
import { acquireResources, type Resources } from './acquire-resources.ts';
import { releasing } from './acquired.ts';
import { type Prepared, prepare } from './prepare.ts';
import { type Watched, watchOver } from './watch-over.ts';

/**
 * Returns once the superdaemon has been stopped and nothing of it is left. `inherited`: what the predecessor
 * held, in this very process. Throws StartupError when it cannot start.
 */
export async function start(
  options: StartOptions,
  callerAsItIs: Caller,
  inherited?: PredecessorState,
): Promise<void> {
  await releasing(inherited !== undefined, async (acquired) => {
    const prepared = await prepare({ options, callerAsItIs, inherited });
    const place = await acquireResources(acquired, prepared);
    if (place === undefined) return;
    const watched = watchOver(acquired, prepared, place);
    const { host, upgrade } = assemble({ ...prepared, ...place, ...watched });
    if (inherited !== undefined) await finishUpgrade(inherited, { ...prepared, ...place });
    // The first worker comes before either.
    setImmediate(() => showAs(callerAsItIs));
    setTimeout(releaseProgramPages, STARTED_MS);
    acquired.workersMayLive = true;
    const before = { table: inherited?.table, survivors: place.orphaned.survivors };
    const outcome = await run(host, upgrade, before);
    place.left.report();
    prepared.hooks?.finish();
    acquired.workersMayLive = false;
    await prepared.log.flush();
    if (outcome.kind === 'never-started') {
      place.output.restore();
      throw new StartupError(`cannot start the worker: ${outcome.reason}`);
    }
  });
}

/** The first worker is spawned by then, and nobody waits for us. */
const STARTED_MS = 20;

function assemble(all: Prepared & Resources & Watched) {
  const { callerAsItIs: caller, events, log, readiness } = all;
  const running = { ...all, caller: all.caller };
  const upgrade = upgrader({ caller, events, log, running, collect: stateCollector(all) });
  return { host: realHost({ ...all, ...readiness, upgrade }), upgrade };
}

/** Should another program not be able to take over after all, this one goes on. */
async function run(host: Host, { execSuccessor }: Upgrader, before: Before): Promise<LastOutcome> {
  for (let from = before; ; ) {
    const outcome = await superdaemon(host, from);
    if (outcome.kind !== 'upgrade') return outcome;
    from = outcome;
    host.log({ event: 'upgrade-refused', reason: await execSuccessor(outcome.table) });
  }
}

type LastOutcome = Exclude<Outcome, { kind: 'upgrade' }>;
