// What our caller gave us, before Node changed it. Node decodes arguments and environment as UTF-8, raises the soft
// limit of open files to the hard one, and resets blocked and ignored signals before any JavaScript runs; the launcher
// bin/start-server notes them in one variable. Started without it we know only what is left.

import { readFileSync } from 'node:fs';
import { fromBytes } from './bytes.ts';
import { inheritedDescriptors } from './descriptor.ts';
import { openFilesLimit } from './open-files.ts';

/** Environment variables by name, bytes kept (see bytes.ts). */
export type Environment = ReadonlyMap<string, string>;

export interface Caller {
  /** The words after the program's name. */
  readonly words: readonly string[];
  readonly environment: Environment;
  /** Soft limit of open files. */
  readonly openFilesLimit: number;
  /** Signal numbers. */
  readonly blockedSignals: readonly number[];
  readonly ignoredSignals: readonly number[];
  /** Descriptors above 2 that the caller left open for the workers. */
  readonly descriptors: readonly number[];
}

const NOTE = 'START_SERVER_CALLER';

export function readCaller(): Caller {
  const environment = processEnvironment();
  const [openFiles = '', blocked = '', ignored = '', base64 = ''] = environment.get(NOTE)?.split(' ') ?? [];
  return {
    words: processWords(),
    environment: base64 === '' ? without(environment, NOTE) : parseEnvironment(Buffer.from(base64, 'base64')),
    openFilesLimit: /^\d+$/.test(openFiles) ? Number(openFiles) : openFilesLimit(),
    blockedSignals: signalsInMask(blocked),
    ignoredSignals: signalsInMask(ignored),
    descriptors: inheritedDescriptors(),
  };
}

function processEnvironment(): Environment {
  const bytes = readBytes('/proc/self/environ');
  return bytes === undefined
    ? new Map(Object.entries(process.env).map(([name, value]) => [name, value ?? '']))
    : parseEnvironment(bytes);
}

function processWords(): readonly string[] {
  const words = process.argv.slice(2);
  const bytes = readBytes('/proc/self/cmdline');
  // Ours are the last words of the command line, behind Node, its switches and the script.
  return bytes === undefined || words.length === 0 ? words : splitAtNul(bytes).slice(-words.length);
}

function parseEnvironment(bytes: Buffer): Environment {
  const entries = splitAtNul(bytes).filter((entry) => entry.includes('='));
  return new Map(
    entries.map((entry): [string, string] => {
      const equals = entry.indexOf('=');
      return [entry.slice(0, equals), entry.slice(equals + 1)];
    }),
  );
}

function splitAtNul(bytes: Buffer): string[] {
  const texts = fromBytes(bytes).split('\0');
  return texts.at(-1) === '' ? texts.slice(0, -1) : texts;
}

function without(environment: Environment, name: string): Environment {
  return new Map([...environment].filter(([each]) => each !== name));
}

/** The signal numbers in a mask as /proc/self/status prints it: hexadecimal, bit n-1 for signal n. */
function signalsInMask(hexadecimal: string): number[] {
  if (!/^[0-9a-f]+$/i.test(hexadecimal)) return [];
  const mask = BigInt(`0x${hexadecimal}`);
  return Array.from({ length: 64 }, (_, index) => index + 1).filter((n) => (mask >> BigInt(n - 1)) & 1n);
}

/** undefined where there is no /proc: there Node's decoded copies have to do. */
function readBytes(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
