// The pid file, the sockets and the log's other end: new ones, or those of the predecessor in this process.

import type { StartOptions } from '../command-line/invocation.ts';
import { inheritOutput, type Output, openOutput } from '../files/output.ts';
import { ownedPidFile, type PidFile, takePidFile } from '../files/pid-file.ts';
import type { LogCommandOptions } from '../files/supervised-command.ts';
import type { Caller } from '../posix/process/caller.ts';
import { recover } from '../recovery/recover.ts';
import { nobody, type Recovered } from '../recovery/recovered.ts';
import type { ActivatedSocket } from '../sockets/activation.ts';
import { inheritListeners, type Listeners } from '../sockets/listener.ts';
import { openListeners } from '../sockets/open-listeners.ts';
import { resolve } from '../sockets/resolve.ts';
import type { UpgradeState } from '../upgrade/upgrade-state.ts';
import { firstNumber, wantsBlocking } from '../workers/server-adapter.ts';

export interface Acquiring {
  readonly options: StartOptions;
  readonly caller: Caller;
  /** Those that the caller bound. */
  readonly activated: readonly ActivatedSocket[];
  readonly inherited: UpgradeState | undefined;
  /** Tells the caller, whose the standard error is until the log begins. */
  readonly say: (line: string) => void;
  /** Nothing is to be changed by it. */
  readonly rehearsal?: true;
}

export function acquireOutput({ options, inherited }: Acquiring, world: LogCommandOptions): Output {
  if (inherited === undefined) return openOutput(options.log, { ...world, inBackground: options.daemonize });
  return inheritOutput(options.log, world, inherited.logCommand);
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
  const { options, caller, activated, inherited, say, ...rehearsal } = acquiring;
  if (inherited !== undefined) return nobody();
  return await recover({ ...options, activated, warn: say, ...rehearsal });
}

export async function acquireSockets(acquiring: Acquiring, orphaned: Recovered): Promise<Listeners> {
  const { options, caller, activated, inherited, say, ...rehearsal } = acquiring;
  if (inherited !== undefined) return inheritListeners(inherited.listeners);
  return await openListeners(options.sockets, {
    backlog: options.backlog,
    pathAccess: options.pathAccess,
    activated,
    orphaned,
    blocking: wantsBlocking(options.server),
    consecutive: options.listenFds,
    first: firstNumber(options.server),
    warn: say,
    passedThrough: caller.descriptors,
    limit: caller.openFilesLimit,
    ...rehearsal,
  });
}
