// What a program does that is started by the one before it, in the same process, or on trial.

import type { StartOptions } from '../command-line/start-options.ts';
import { makeInheritable, makePrivate } from '../posix/file/descriptor.ts';
import { writeLine } from '../posix/file/write-line.ts';
import type { Caller } from '../posix/process/caller.ts';
import { areSignalsHeld } from '../posix/process/hold-signals.ts';
import { ownProgram } from '../posix/process/own-program.ts';
import { StartupError } from '../startup-error.ts';
import { takeInOrphans } from '../workers/kill-tree.ts';
import { orOnceMore } from './once-more.ts';
import { optionsOf } from './options-of.ts';
import { descriptorsOf, readState } from './state-text.ts';
import { CAN_SUCCEED, DESCRIBE, TRY } from './trial.ts';
import type { PredecessorState } from './upgrade-state.ts';

type Start = (options: StartOptions, caller: Caller, inherited: PredecessorState) => Promise<void>;

interface Predecessor {
  /** Where it has put its state. */
  readonly note: string;
  readonly words: readonly string[];
}

/** Returns the exit status. Throws StartupError when it cannot take over. */
export async function runSuccessor({ note, words }: Predecessor, start: Start): Promise<number> {
  const isTrial = words.length === 1 && words[0] === TRY;
  if (isTrial && note === DESCRIBE) return tellProgram();
  const inherited = readState(note);
  const caller = { ...inherited.caller, launcher: undefined };
  if (isTrial) return await answerTrial(understood(inherited, caller));
  await orOnceMore(note, inherited, async () => {
    claim(inherited);
    await start(understood(inherited, caller), caller, inherited);
  });
  return 0;
}

/** Node has made some descriptors close-on-exec at its start, and left others as execve had to find them. */
function claim(inherited: PredecessorState): void {
  const { descriptors } = inherited.caller;
  for (const fd of descriptorsOf(inherited)) {
    if (descriptors.includes(fd)) makeInheritable(fd);
    else if (fd > 2) makePrivate(fd);
  }
}

/** And those of the command lines before ours, that some workers still go by. */
function understood({ earlier }: PredecessorState, { words, environment }: Caller): StartOptions {
  try {
    for (const each of earlier) optionsOf(each.words, environment);
    return optionsOf(words, environment);
  } catch (error) {
    throw error instanceof StartupError ? new StartupError(`cannot take over: ${error.message}`) : error;
  }
}

/** What is to be executed, and what of it must not change meanwhile: Node, the script, this bundle. */
function tellProgram(): number {
  const command = ownProgram();
  const files = [...new Set([process.execPath, process.argv[1] ?? '', __filename])];
  writeLine(1, JSON.stringify({ command, files }));
  return 0;
}

async function answerTrial({ killTree }: StartOptions): Promise<number> {
  if (killTree) takeInOrphans();
  // From the other file of the program (scripts/bundle.mjs), which has to be there.
  await import('../files/json-format.ts');
  if (!areSignalsHeld()) throw new StartupError('cannot take over: Node does not let signals wait here');
  writeLine(1, CAN_SUCCEED);
  return 0;
}
