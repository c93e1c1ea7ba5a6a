// The pid file, the sockets and the log's other end: new ones, or those of the predecessor in this process.

import type { StartOptions } from '../command-line/start-options.ts';
import { changeOutput } from '../files/change-output.ts';
import { openOutput } from '../files/open-output.ts';
import type { Output } from '../files/output.ts';
import { ownedPidFile, type PidFile, takePidFile } from '../files/pid-file.ts';
import type { LogCommandOptions } from '../files/supervised-command.ts';
import { openFilesOf } from '../host/open-files-of.ts';
import type { Caller } from '../posix/process/caller.ts';
import { recover } from '../recovery/recover.ts';
import { nobody, type Recovered } from '../recovery/recovered.ts';
import type { ActivatedSocket } from '../sockets/activation.ts';
import { inheritListeners } from '../sockets/listener.ts';
import type { BindOptions } from '../sockets/open-listener.ts';
import { type OpenListeners, openListeners } from '../sockets/open-listeners.ts';
import type { OrphanedSockets } from '../sockets/orphaned-sockets.ts';
import { resolve } from '../sockets/resolve.ts';
import { withStored } from '../sockets/stored-sockets.ts';
import { type SpecsOf, type WorkerPorts, workerPorts } from '../sockets/worker-ports.ts';
import { optionsBefore } from '../upgrade/options-of.ts';
import type { UpgradeState } from '../upgrade/upgrade-state.ts';
import { firstNumber, wantsBlocking } from '../workers/server-adapter.ts';

export interface Acquiring {
  readonly options: StartOptions;
  readonly caller: Caller;
  /** Those that the caller bound. */
  readonly activated: readonly ActivatedSocket[];
  /** Those that the service manager has kept for us. */
  readonly stored: readonly ActivatedSocket[];
  readonly inherited: UpgradeState | undefined;
  /** What each worker has for itself. */
  readonly specsOf: SpecsOf;
  /** Tells the caller, whose the standard error is until the log begins. */
  readonly say: (line: string) => void;
  /** Nothing is to be changed by it. */
  readonly rehearsal?: true;
}

export function acquireOutput({ options, inherited }: Acquiring, world: LogCommandOptions): Output {
  const output = { ...world, inBackground: options.daemonize };
  if (inherited === undefined) return openOutput(options.log, output);
  const change = { before: (optionsBefore(inherited) ?? options).log, now: options.log };
  return changeOutput(change, output, inherited);
}

export async function acquirePidFile({
  options: { pidFile },
  inherited,
}: Acquiring): Promise<PidFile | undefined> {
  if (pidFile === undefined) return undefined;
  if (inherited?.pidFile !== undefined) return ownedPidFile(pidFile, inherited.pidFile);
  return await takePidFile(pidFile);
}

/** The options with addresses in the place of names: what is inherited is bound already. */
export async function resolveNames({ options, inherited }: Acquiring): Promise<StartOptions> {
  return inherited === undefined ? { ...options, sockets: await resolve(options.sockets) } : options;
}

/** Who outlived a superdaemon that was killed, and its sockets; `orphans` of the predecessor are among what it held. */
export async function acquireOrphaned(acquiring: Acquiring): Promise<Recovered> {
  const { options, caller, activated, stored, inherited, specsOf, say, ...rehearsal } = acquiring;
  if (inherited !== undefined) return nobody();
  const sockets = [...options.sockets, ...slotsOf(options).flatMap(specsOf)];
  const given = [...activated, ...stored];
  return await recover({ ...options, sockets, activated: given, warn: say, ...rehearsal });
}

/** At the start. */
function slotsOf({ workers = 1 }: StartOptions): number[] {
  return Array.from({ length: workers }, (_, slot) => slot);
}

export async function acquireSockets(acquiring: Acquiring, orphaned: Recovered): Promise<OpenListeners> {
  const { options, caller, inherited, specsOf } = acquiring;
  if (inherited !== undefined) {
    const [first] = inherited.workerPorts;
    const ownNumbers = first?.listeners.map(({ to }) => to) ?? [];
    return { ...inheritListeners(inherited.listeners), ownNumbers };
  }
  const binding = bindOptions(acquiring, orphaned);
  using found = withStored(orphaned, acquiring.stored, options.sockets, binding);
  return await openListeners(options.sockets, specsOf(0), {
    ...binding,
    orphaned: found,
    consecutive: options.listenFds,
    first: firstNumber(options.server),
    passedThrough: caller.descriptors,
    limit: openFilesOf(options, caller),
  });
}

function bindOptions(
  { options, activated, say, rehearsal }: Acquiring,
  orphaned: OrphanedSockets,
): BindOptions {
  return {
    backlog: options.backlog,
    pathAccess: options.pathAccess,
    activated,
    orphaned,
    blocking: wantsBlocking(options.server),
    warn: say,
    ...(rehearsal && { rehearsal }),
  };
}

/** Those of the slots that there are at the start are bound at once. Throws StartupError. */
export function acquireWorkerPorts(
  acquiring: Acquiring,
  orphaned: Pick<Recovered, 'survivors'> & OrphanedSockets,
  { listeners, ownNumbers }: OpenListeners,
): WorkerPorts {
  const { options, inherited, specsOf } = acquiring;
  const { workers: survivors } = orphaned.survivors;
  const ports = workerPorts({
    specsOf,
    numbers: ownNumbers,
    request: {
      ...bindOptions(acquiring, orphaned),
      targets: new Set([...listeners.map(({ to }) => to), ...ownNumbers]),
    },
    // Where the command line is new, those that it asks for are bound already.
    wanted: Math.max(inherited?.table.wanted ?? 0, slotsOf(options).length),
    seats: inherited?.table.workers ?? survivors.map(({ worker: slot = 0, pid }) => ({ slot, pid })),
    inherited: inherited?.workerPorts ?? [],
  });
  try {
    if (inherited === undefined) for (const slot of slotsOf(options)) ports.of(slot);
    return ports;
  } catch (error) {
    ports[Symbol.dispose]();
    throw error;
  }
}
