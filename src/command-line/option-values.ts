// The text of a single option → its value; what is wrong with it names option and text.

import type { LogTarget } from '../files/output.ts';
import { parseSignal } from '../posix/process/signals.ts';
import { StartupError } from '../startup-error.ts';
import type { Signal } from '../superdaemon/host.ts';
import type { Readiness } from '../workers/readiness.ts';

export interface OptionValue {
  /** Shown as `<name>`. */
  readonly name: string;
  /** Throws StartupError that begins with `option`, which is `--name=text`. Without it the text is the value. */
  readonly parse?: (text: string, option: string) => unknown;
  /** What is wrong may be wrong with the text as such, or only for a superdaemon that is to start (the default). */
  readonly mistakes?: 'of type';
  /** What a shell may offer; a word that ends in a colon wants more. */
  readonly choices?: readonly string[] | 'file' | 'directory' | 'command' | 'signal';
}

export const file: OptionValue = { name: 'file', choices: 'file' };
export const directory: OptionValue = { name: 'dir', choices: 'directory' };

/** Whole seconds, as the reference has them. */
export const wholeSeconds: OptionValue = count('seconds', 'seconds');

export const seconds: OptionValue = {
  name: 'seconds',
  parse: (text, option) => parseSeconds(option, text),
  mistakes: 'of type',
};

/** 0.1 at least: whoever looks more often sees no more. */
export const watchSeconds: OptionValue = {
  name: 'seconds',
  parse: (text, option) => {
    const value = parseSeconds(option, text);
    if (value < 0.1) throw new StartupError(`${option}: at least 0.1 seconds`);
    return value;
  },
  mistakes: 'of type',
};

export const signal: OptionValue = {
  name: 'name',
  parse: (text, option) => parseSignalOption(option, text),
  choices: 'signal',
};

export function count(name: string, unit: string): OptionValue {
  return { name, parse: (text, option) => parseNumber(option, text, unit), mistakes: 'of type' };
}

/** Perl's integers: a leading plus and underscores are fine. */
function parseNumber(option: string, text: string, unit: string): number {
  if (!/^\+?_*\d[\d_]*$/.test(text)) throw new StartupError(`${option}: not a whole number of ${unit}`);
  const value = Number(text.replace(/[+_]/g, ''));
  if (value > 0x7fff_ffff) throw new StartupError(`${option}: too large`);
  return value;
}

/** Seconds of the options that the reference lacks: fractions are fine. */
function parseSeconds(option: string, text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new StartupError(`${option}: not a number of seconds`);
  const value = Number(text);
  if (value > 0x7fff_ffff) throw new StartupError(`${option}: too large`);
  return value;
}

/** Bytes: 500M, 2G, 1048576. */
export const size: OptionValue = {
  name: 'size',
  parse: (text, option) => parseSize(option, text),
  mistakes: 'of type',
};

function parseSize(option: string, text: string): number {
  const { number, unit = '' } = /^(?<number>\d{1,9}(?:\.\d+)?)(?<unit>[KMGT]?)$/i.exec(text)?.groups ?? {};
  if (number === undefined) throw new StartupError(`${option}: not a size, as in 500M`);
  return Math.round(Number(number) * 1024 ** ['', 'K', 'M', 'G', 'T'].indexOf(unit.toUpperCase()));
}

export function parseReadiness(text: string): Readiness {
  const command = /^exec:(?<command>.*)$/s.exec(text)?.groups?.command?.trim();
  if (command === '') throw new StartupError(`--ready=${text}: no command behind exec:`);
  if (command !== undefined) return { kind: 'exec', command };
  if (text === 'interval' || text === 'notify') return { kind: text };
  throw new StartupError(`--ready=${text}: not interval, notify or exec:COMMAND`);
}

export function parseLogFile(text: string): LogTarget | undefined {
  if (text === '') return undefined;
  const command = /^\s*\|(?<command>.*)$/s.exec(text)?.groups?.command?.trim();
  if (command === '') throw new StartupError(`--log-file=${text}: no command behind the |`);
  return command === undefined ? { kind: 'file', path: text } : { kind: 'command', command };
}

export type LogFormatName = 'text' | 'json';

export function parseLogFormat(text: string): LogFormatName {
  if (text === 'text' || text === 'json') return text;
  throw new StartupError(`--log-format=${text}: not text or json`);
}

export const unitKinds = ['notify', 'notify-reload', 'socket', 'simple'] as const;
export type UnitKind = (typeof unitKinds)[number];

export function parseUnitKind(text: string, option: string): UnitKind {
  const kind = unitKinds.find((each) => each === text);
  if (kind === undefined) throw new StartupError(`${option}: not ${unitKinds.join(', ')}`);
  return kind;
}

export function parseHelp(text: string, option: string): 'all' {
  if (text === 'all') return text;
  throw new StartupError(`${option}: not --help or --help=all`);
}

function parseSignalOption(option: string, text: string): Signal | undefined {
  if (text === '') return undefined;
  const signal = parseSignal(text);
  if (signal === undefined) throw new StartupError(`${option}: no such signal`);
  return signal;
}
