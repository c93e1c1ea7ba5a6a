// USR2: the program that lies on the disk now takes the place of this one by execve(2): the same process with the same
// children, sockets and locks. Before that it is tried on a copy of what it would be given; what it says against it is
// the reason why this one goes on.

import { descriptorsOf, handoverText, requireOpen } from '../handover/handover.ts';
import type { Holdings } from '../handover/holdings.ts';
import { toBytes } from '../posix/bytes.ts';
import { type Caller, type Environment, HANDOVER } from '../posix/caller.ts';
import { closeQuietly, isPrivate, makeInheritable, makePrivate } from '../posix/descriptor.ts';
import { holdSignals, libraryFile } from '../posix/hold-signals.ts';
import { execve } from '../posix/libc-upgrade.ts';
import { memoryFile } from '../posix/memory-file.ts';
import { startedProgram } from '../posix/own-program.ts';
import { everySignal } from '../posix/signals.ts';
import { terminated } from '../posix/spawn.ts';
import { cStrings } from '../posix/string-vector.ts';
import type { Event } from '../superdaemon/host.ts';
import { commandRunner, type Result, type ShellCommand } from '../workers/run-command.ts';
import { environmentBytes } from '../workers/worker-environment.ts';

/** The one word that it is given to prove itself. A version that knows nothing of this refuses it as an option. */
export const PROVE = '--prove-handover';
/** What it has to say. */
export const PROVED = 'understood';

export interface UpgradeWorld {
  /** As it called the first of the programs of this process. */
  readonly caller: Caller;
  readonly watch: ShellCommand['watch'];
  readonly push: (event: Event) => void;
}

const PROOF_LIMIT_MS = 10_000;
const SCRIPT = `said=$("$@" ${PROVE}) || exit; [ "$said" = ${PROVED} ] || { echo "it says '$said'" >&2; exit 1; }`;
/** Where the program that is tried finds its parcel. */
const TRIAL = { text: 3, library: 4 };

/** Tries the new program; `proved` follows. Returns what ends the trial. Throws Error when it cannot be tried. */
export function prove(holdings: Holdings, trial: number, { caller, watch, push }: UpgradeWorld): Disposable {
  using parcel = pack(holdings);
  const program = startedProgram(caller);
  const run = commandRunner({
    command: SCRIPT,
    words: program,
    directory: undefined,
    descriptors: [
      { from: parcel.text, to: TRIAL.text },
      { from: parcel.library, to: TRIAL.library },
    ],
    openFilesLimit: caller.openFilesLimit,
    blockedSignals: everySignal,
    watch,
  });
  return run({
    environment: environmentFor(TRIAL, caller),
    limitMs: PROOF_LIMIT_MS,
    ended: (result) => push({ kind: 'proved', trial, refusal: refusalOf(result, program) }),
  });
}

/**
 * Lets the new program take the place of this one, and never returns. Throws Error when that fails: then nothing has
 * changed.
 */
export async function giveWay(holdings: () => Holdings, caller: Caller): Promise<never> {
  using _signals = holdSignals();
  // What Node's event loop has been told of signals until now, it tells us in its next turns.
  await turn();
  await turn();
  const held = holdings();
  using parcel = pack(held);
  const [program = '', ...words] = [...startedProgram(caller), ...caller.words];
  const path = terminated([toBytes(program)]);
  const argv = cStrings(terminated([program, ...words].map(toBytes)));
  const environment = cStrings(environmentBytes(environmentFor(parcel, caller)));
  using _open = keptOpen([...descriptorsOf(held), parcel.text, parcel.library]);
  execve(path, argv, environment);
  throw new Error('execve has returned');
}

interface Parcel {
  /** Descriptors: the handover, and the library that holds signals back until the new program listens. */
  readonly text: number;
  readonly library: number;
}

/** Throws Error where this machine has no such library, or something that is handed over is closed. */
function pack(holdings: Holdings): Parcel & Disposable {
  requireOpen(holdings);
  const library = libraryFile();
  const text = memoryFile('start-server-handover', toBytes(handoverText(holdings)));
  return {
    text,
    library,
    [Symbol.dispose]: () => {
      closeQuietly(text);
      closeQuietly(library);
    },
  };
}

function environmentFor({ text, library }: Parcel, { environment }: Caller): Environment {
  const preloaded = [`/proc/self/fd/${library}`, environment.get('LD_PRELOAD') || []].flat();
  return new Map([...environment, ['LD_PRELOAD', preloaded.join(':')], [HANDOVER, `${text} ${library}`]]);
}

function refusalOf({ failure, errors }: Result, program: readonly string[]): string | undefined {
  if (failure === undefined) return undefined;
  const lines = errors.split('\n');
  // Behind the error that ended it Node writes more.
  const why = lines.find((line) => line.includes('Error: ')) ?? lines.at(-1);
  return `${program.join(' ')} ${failure}${why && `: ${why}`}`;
}

/** Until it is disposed of, execve leaves these open. */
function keptOpen(descriptors: readonly number[]): Disposable {
  const ours = descriptors.filter(isPrivate);
  for (const fd of ours) makeInheritable(fd);
  return {
    [Symbol.dispose]: () => {
      for (const fd of ours) makePrivate(fd);
    },
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
