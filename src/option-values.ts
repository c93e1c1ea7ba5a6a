// The text of a single option → its value; what is wrong with it names option and text.

import type { LogTarget } from './files/output.ts';
import { parseSignal } from './posix/signals.ts';
import { StartupError } from './startup-error.ts';
import type { Signal } from './superdaemon/host.ts';

/** Perl's integers: a leading plus and underscores are fine. */
export function parseNumber(option: string, text: string, unit: string): number {
  if (!/^\+?_*\d[\d_]*$/.test(text)) throw new StartupError(`${option}: not a whole number of ${unit}`);
  const value = Number(text.replace(/[+_]/g, ''));
  if (value > 0x7fff_ffff) throw new StartupError(`${option}: too large`);
  return value;
}

export function parseLogFile(text: string): LogTarget | undefined {
  if (text === '') return undefined;
  const command = /^\s*\|(?<command>.*)$/s.exec(text)?.groups?.command?.trim();
  if (command === '') throw new StartupError(`--log-file=${text}: no command behind the |`);
  return command === undefined ? { kind: 'file', path: text } : { kind: 'command', command };
}

export function parseSignalOption(option: string, text: string): Signal | undefined {
  if (text === '') return undefined;
  const signal = parseSignal(text);
  if (signal === undefined) throw new StartupError(`${option}: no such signal`);
  return signal;
}
