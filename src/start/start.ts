// From an invocation to a running superdaemon: what it speaks and hears through, its place, its workers, the Host that the
// loop asks for all of it, and the loop. What fails while workers live releases nothing: their sockets and files are what
// they can be recovered by.

import type { StartOptions } from '../command-line/invocation.ts';
import { realHost } from '../host/real-host.ts';
import type { Caller } from '../posix/process/caller.ts';
import { releaseProgramPages } from '../posix/process/program-pages.ts';
import { StartupError } from '../startup-error.ts';
import type { Host } from '../superdaemon/host.ts';
import type { Before, Outcome } from '../superdaemon/state.ts';
import { superdaemon } from '../superdaemon/superdaemon.ts';
import type { Handover } from '../upgrade/holdings.ts';
import { holdingsOf } from '../upgrade/holdings-of.ts';
import { upgraded } from '../upgrade/upgraded.ts';
import { type Upgrading, upgrading } from '../upgrade/upgrading.ts';
import { releasing } from './acquired.ts';
import { type Begun, begin } from './begin.ts';
import { type Place, takePlace } from './take-place.ts';
import { type Watched, watchOver } from './watch-over.ts';

/**
 * Returns once the superdaemon has been stopped and nothing of it is left. `inherited`: what the program before this one
 * held, in this very process. Throws StartupError when it cannot start.
 */
export async function start(
  options: StartOptions,
  callerAsItIs: Caller,
  inherited?: Handover,
): Promise<void> {
  await releasing(inherited !== undefined, async (acquired) => {
    const begun = await begin({ options, callerAsItIs, inherited });
    const place = await takePlace(acquired, begun);
    if (place === undefined) return;
    const watched = watchOver(acquired, begun, place);
    const { host, upgrade } = assemble({ ...begun, ...place, ...watched });
    if (inherited !== undefined) await upgraded(inherited, begun.log);
    setTimeout(releaseProgramPages, STARTED_MS);
    acquired.workersMayLive = true;
    const before = { table: inherited?.table, survivors: place.orphaned.survivors };
    const outcome = await run(host, upgrade, before);
    place.left.report();
    begun.hooks?.finish();
    acquired.workersMayLive = false;
    await begun.log.flush();
    if (outcome.kind === 'never-started') {
      place.output.restore();
      throw new StartupError(`cannot start the worker: ${outcome.reason}`);
    }
  });
}

/** The first worker is spawned by then, and nobody waits for us. */
const STARTED_MS = 20;

function assemble(all: Begun & Place & Watched) {
  const { callerAsItIs: caller, events, log, readiness } = all;
  const upgrade = upgrading({ caller, events, log, holdings: holdingsOf(all) });
  return { host: realHost({ ...all, ...readiness, upgrade }), upgrade };
}

/** Should another program not be able to take over after all, this one goes on. */
async function run(host: Host, { giveWay }: Upgrading, before: Before): Promise<LastOutcome> {
  for (let from = before; ; ) {
    const outcome = await superdaemon(host, from);
    if (outcome.kind !== 'upgrade') return outcome;
    from = outcome;
    host.log({ event: 'upgrade-refused', reason: await giveWay(outcome.table) });
  }
}

type LastOutcome = Exclude<Outcome, { kind: 'upgrade' }>;
