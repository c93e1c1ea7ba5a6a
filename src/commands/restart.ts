// --restart: HUP, then wait until one generation is left, and that one newer than any there was. Clients take turns,
// so that each answer is about the deploy which that client asked for.

import { readFileSync } from 'node:fs';
import { toBytes } from '../posix/bytes.ts';
import { errorCode, reason } from '../posix/system-error.ts';
import { StartupError } from '../startup-error.ts';
import { findRunning, type Running, until } from './running.ts';
import { takeTurn } from './take-turn.ts';

export interface RestartFiles {
  readonly pidFile: string;
  readonly statusFile: string;
}

export async function restart(files: RestartFiles): Promise<void> {
  using superdaemon = findRunning(files.pidFile);
  const endTurn = await takeTurn(files.pidFile, superdaemon);
  try {
    await deploy(superdaemon, files);
  } finally {
    await endTurn();
  }
}

async function deploy(superdaemon: Running, { pidFile, statusFile }: RestartFiles): Promise<void> {
  const before = Math.max(...generations(statusFile));
  if (before === Number.NEGATIVE_INFINITY) {
    throw new StartupError(`--status-file=${statusFile}: names no generation`);
  }
  superdaemon.signal('SIGHUP');
  await until(() => {
    if (superdaemon.isGone()) {
      throw new StartupError(
        `--pid-file=${pidFile}: superdaemon ${superdaemon.pid} went away during the deploy`,
      );
    }
    const [only, ...others] = currentGenerations(statusFile);
    return only !== undefined && only > before && others.length === 0;
  });
}

/** While it runs, its status file may be missing for a moment: nobody has started. */
function currentGenerations(statusFile: string): number[] {
  try {
    return generations(statusFile);
  } catch (error) {
    if (errorCode(error instanceof Error ? error.cause : undefined) === 'ENOENT') return [];
    throw error;
  }
}

function generations(statusFile: string): number[] {
  return read(statusFile)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const generation = /^(\d+):\d+$/.exec(line)?.[1];
      if (generation === undefined) throw new StartupError(`--status-file=${statusFile}: not a status file`);
      return Number(generation);
    });
}

function read(statusFile: string): string {
  try {
    return readFileSync(toBytes(statusFile), 'latin1');
  } catch (error) {
    throw new StartupError(`--status-file=${statusFile}: cannot read: ${reason(error)}`, { cause: error });
  }
}
