// The trial: whether the program on the disk now could be the successor. By its name, which may lead through a shell script (the
// launcher), it says only what is to be executed; that is then started as execve(2) would: the same words, a copy of all
// that it would be given, every signal blocked. What it says against it is the reason why the old program goes on.

import { readSync, statSync } from 'node:fs';
import * as v from 'valibot';
import { closeQuietly } from '../posix/file/descriptor.ts';
import { memoryFile } from '../posix/file/memory-file.ts';
import { SystemError } from '../posix/libc/system-error.ts';
import { type Caller, type Environment, PREDECESSOR_STATE } from '../posix/process/caller.ts';
import { startedProgram } from '../posix/process/own-program.ts';
import { everySignal } from '../posix/process/signals.ts';
import type { Descriptor } from '../posix/process/spawn.ts';
import { commandRunner, type Result, type ShellCommand } from '../workers/run-command.ts';
import { environmentFor, packState } from './packed-state.ts';
import type { UpgradeState } from './upgrade-state.ts';

/** The one word that it is given. A version that knows nothing of this refuses it as an option. */
export const TRY = '--try-upgrade';
/** In the place of a packed: it describes what is to be executed. */
export const DESCRIBE = 'describe';
/** What it has to say when it could take over. */
export const CAN_SUCCEED = 'understood';

const PROOF_LIMIT_MS = 10_000;
const LONGEST_ANSWER = 65_536;
/** Where the program that is tried finds its packed. */
const TRIAL = { text: 3, library: 4 };

export interface TriedProgram {
  /** Node, its switches and the script; or the single executable. */
  readonly command: readonly [file: string, ...words: string[]];
  /** All that has to stay as it is. */
  readonly files: readonly string[];
  /** Of the files, as they were tried. */
  readonly identity: string;
}

export interface TrialWorld {
  /** As it called the first of the programs of this process. */
  readonly caller: Caller;
  readonly watch: ShellCommand['watch'];
  /** Gets what ends the part of the trial that has started. */
  readonly started: (running: Disposable) => void;
}

/** Throws Error, in words for the user, when it cannot take over or the trial is ended. */
export async function trySuccessor(collect: () => UpgradeState, world: TrialWorld): Promise<TriedProgram> {
  const { caller } = world;
  const name = startedProgram(caller);
  const asked: Environment = new Map([...caller.environment, [PREDECESSOR_STATE, DESCRIBE]]);
  const told = await ask({ name, words: name, environment: asked, descriptors: [] }, world);
  const { command, files } = parseProgram(told, name);
  const identity = identityOf(files);
  // As they are by now: a worker that has died meanwhile has left nothing open.
  using packed = packState(collect());
  const descriptors = [
    { from: packed.text, to: TRIAL.text },
    { from: packed.library, to: TRIAL.library },
  ];
  const environment = environmentFor(TRIAL, caller);
  const answer = await ask({ name, words: command, environment, descriptors }, world);
  if (answer !== CAN_SUCCEED) throw new Error(saysNothing(name, answer));
  return { command, files, identity };
}

/** Device, inode, size and time of each. */
export function identityOf(files: readonly string[]): string {
  const identities = files.map((file) => {
    const found = statSync(file, { bigint: true, throwIfNoEntry: false });
    return found && `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}`;
  });
  return identities.join(' ');
}

interface Question {
  /** By which the user knows it. */
  readonly name: readonly string[];
  readonly words: readonly string[];
  readonly environment: Environment;
  readonly descriptors: readonly Descriptor[];
}

/** Returns what it writes to its standard output. */
async function ask(question: Question, { caller, watch, started }: TrialWorld): Promise<string> {
  const { environment, descriptors } = question;
  const [file = '', ...words] = question.words;
  const answer = memoryFile('start-server-answer', Buffer.alloc(0));
  const run = commandRunner({
    command: [file, ...words, TRY],
    directory: undefined,
    descriptors: [{ from: answer, to: 1 }, ...descriptors],
    openFilesLimit: caller.openFilesLimit,
    blockedSignals: everySignal,
    watch,
  });
  try {
    const result = await new Promise<Result>((ended, fail) => {
      const running = run({ environment, limitMs: PROOF_LIMIT_MS, ended });
      const end = () => {
        running[Symbol.dispose]();
        fail(new Error('the trial was ended'));
      };
      started({ [Symbol.dispose]: end });
    });
    if (result.failure !== undefined) throw new Error(failureText(result, question.name));
    return readAnswer(answer);
  } catch (error) {
    // It could not even be started.
    throw error instanceof SystemError ? new Error(`${file}: ${error.message}`) : error;
  } finally {
    closeQuietly(answer);
  }
}

function readAnswer(fd: number): string {
  const bytes = Buffer.alloc(LONGEST_ANSWER);
  return bytes.toString('utf8', 0, readSync(fd, bytes, 0, LONGEST_ANSWER, 0)).trimEnd();
}

function failureText({ failure, errors }: Result, name: readonly string[]): string {
  const lines = errors.split('\n');
  // Behind the error that ended it Node writes more.
  const why = lines.find((line) => line.includes('Error: ')) ?? lines.at(-1);
  return `${name.join(' ')} ${failure}${why && `: ${why}`}`;
}

const program = v.object({
  command: v.tupleWithRest([v.string()], v.string()),
  files: v.array(v.string()),
});

function parseProgram(text: string, name: readonly string[]): v.InferOutput<typeof program> {
  try {
    return v.parse(program, JSON.parse(text));
  } catch (error) {
    throw new Error(saysNothing(name, text), { cause: error });
  }
}

function saysNothing(name: readonly string[], answer: string): string {
  return `${name.join(' ')} does not say that it can take over: it says '${answer}'`;
}
