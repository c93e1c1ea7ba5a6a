// What our caller gave us, before Node changed it. Node decodes arguments and environment as UTF-8, raises the soft
// limit of open files to the hard one, resets blocked and ignored signals and sets close-on-exec on the descriptors that
// it finds, all before any JavaScript runs; the launcher bin/start-server notes them in one variable. Started without it
// we know only what is left.

import { isOpen, makeInheritable, moveUp } from '../file/descriptor.ts';
import { toBytes } from '../libc/bytes.ts';
import { forOurNode, without } from './for-our-node.ts';
import { descriptorsLeftOpen } from './left-open.ts';
import { openFilesLimit } from './open-files.ts';
import { processWords, readBytes, splitAtNul } from './process-text.ts';
import { maskOf, signalsInMask } from './signals.ts';
import { PROGRAM, startedBy } from './started-by.ts';

/** Environment variables by name, bytes kept (see bytes.ts). */
export type Environment = ReadonlyMap<string, string>;

export interface Caller {
  /** The words after the program's name. */
  readonly words: readonly string[];
  readonly environment: Environment;
  /** What stands beside them in the environment: entries without `=`, and the second of one name. */
  readonly otherEntries: readonly string[];
  /** Soft limit of open files. */
  readonly openFilesLimit: number;
  /** Signal numbers. */
  readonly blockedSignals: readonly number[];
  readonly ignoredSignals: readonly number[];
  /** Descriptors above 2 that the caller left open for the workers. */
  readonly descriptors: readonly number[];
  /** The program file that was started, or undefined: Node and its script. */
  readonly program: string | undefined;
  /** A daemon's launcher waits at this pipe to be told that workers are being served. */
  readonly launcher: number | undefined;
}

/** Set by the predecessor, in this process: where it has put its state. */
export const PREDECESSOR_STATE = 'START_SERVER_STATE';
const NOTE = 'START_SERVER_CALLER';

/** Longer ones do not fit into a variable, MAX_ARG_STRLEN being 128 KiB; then the environment has to speak for itself. */
const LONGEST_NOTE = 100_000;

/** When another program was in this process before: where it says that it has put its state, and our words. */
export function readPredecessor(): { readonly note: string; readonly words: readonly string[] } | undefined {
  const note = process.env[PREDECESSOR_STATE];
  return note === undefined ? undefined : { note, words: processWords() };
}

export function readCaller(): Caller {
  const left = readBytes('/proc/self/environ');
  const ours = left === undefined ? { environment: decodedEnvironment(), others: [] } : divided(left);
  const note = ours.environment.get(NOTE)?.split(' ') ?? [];
  const [openFiles = '', blocked = '', ignored = '', descriptors = '', launcher = '', base64 = ''] = note;
  const theirs =
    base64 === ''
      ? { ...ours, environment: without(ours.environment, [NOTE, PROGRAM]) }
      : divided(Buffer.from(base64, 'base64'));
  return {
    words: processWords(),
    environment: theirs.environment,
    otherEntries: theirs.others,
    openFilesLimit: /^\d+$/.test(openFiles) ? Number(openFiles) : openFilesLimit(),
    blockedSignals: signalsInMask(blocked),
    ignoredSignals: signalsIgnored(ignored),
    program: startedBy(ours.environment),
    launcher: /^\d+$/.test(launcher) ? moveUp(Number(launcher)) : undefined,
    // Empty where there is no /proc.
    descriptors: descriptors === '' ? descriptorsLeftOpen() : passThrough(descriptors),
  };
}

/** Node has put /dev/null there, where every answer would be lost without a word. False where nobody has noted it. */
export function wasOutputClosed(): boolean {
  const descriptors = process.env[NOTE]?.split(' ')[3] ?? '';
  return descriptors !== '' && !descriptors.split(',').includes('1');
}

/** Our environment for another process of this program that is to know its caller as we know ours. */
export function handOn(caller: Caller, launcher: number): Environment {
  const variables = Array.from(caller.environment, ([name, value]) => `${name}=${value}`);
  const entries = [...variables, ...caller.otherEntries].map((entry) => toBytes(`${entry}\0`));
  const base64 = Buffer.concat(entries).toString('base64');
  const isNoted = base64.length <= LONGEST_NOTE;
  const note = [
    caller.openFilesLimit,
    maskOf(caller.blockedSignals).toString(16),
    maskOf(caller.ignoredSignals).toString(16),
    `,${caller.descriptors.join(',')}`,
    launcher,
    isNoted ? base64 : '',
  ];
  const program: [string, string][] = caller.program === undefined ? [] : [[PROGRAM, caller.program]];
  const environment = isNoted ? forOurNode(caller.environment) : caller.environment;
  return new Map([...environment, ...program, [NOTE, note.join(' ')]]);
}

function decodedEnvironment(): Environment {
  return new Map(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
}

/** `NAME=value` each, ended by NUL; of two of one name the first, as with getenv(3). */
export function parseEnvironment(bytes: Buffer): Environment {
  return divided(bytes).environment;
}

interface Divided {
  readonly environment: Environment;
  readonly others: readonly string[];
}

function divided(bytes: Buffer): Divided {
  const environment = new Map<string, string>();
  const others: string[] = [];
  for (const entry of splitAtNul(bytes)) {
    const equals = entry.indexOf('=');
    const name = entry.slice(0, equals);
    if (equals === -1 || environment.has(name)) others.push(entry);
    else environment.set(name, entry.slice(equals + 1));
  }
  return { environment, others };
}

/** `MASK`, or `MASK-MASK`: without those that the launcher's shell ignores for itself. */
function signalsIgnored(text: string): number[] {
  const [all = '', own = ''] = text.split('-');
  return signalsInMask(all).filter((signal) => !signalsInMask(own).includes(signal));
}

/** Those above 2 in `,0,1,2,5`, made inheritable again. */
function passThrough(list: string): number[] {
  const open = list
    .split(',')
    .map(Number)
    .filter((fd) => fd > 2 && isOpen(fd));
  for (const fd of open) makeInheritable(fd);
  return open;
}
