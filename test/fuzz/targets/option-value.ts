// `NAME=VALUE` of one option: understood, or refused with its name; and the same however it is spelt.

import { deepStrictEqual } from 'node:assert/strict';
import type { Invocation } from '../../../src/command-line/invocation.ts';
import { optionRows } from '../../../src/command-line/option-table.ts';
import { parseOptions } from '../../../src/command-line/options.ts';
import { fromBytes } from '../../../src/posix/libc/bytes.ts';
import { signalNames } from '../../../src/posix/process/signals.ts';
import { orRefused } from '../../support/parsing.ts';

export const words = [
  ...optionRows.map(({ name }) => `${name}=`),
  ...['auto', 'notify', 'exec:', 'json', '|', 'hup', 'worker-died:', 'nofile=', 'unlimited', '65536', '1.5'],
  ...['http://', '127.0.0.1:', '[::1]:', '*:', 'u53', '=3', 'root:root', '0660', '500M', '+1', '1_000'],
  ...signalNames.slice(0, 8),
];

export function fuzz(input: Buffer): void {
  const [, name, value = ''] = /^([^=]*)=(.*)$/s.exec(fromBytes(input).replaceAll('\0', '')) ?? [];
  const row = optionRows.find((each) => each.name === name);
  if (row === undefined) return;
  const said = parsed(row.name, `--${name}=${value}`);
  deepStrictEqual(parsed(row.name, `-${row.name.toUpperCase()}=${value}`), said);
  const takesNext = row.value !== undefined && row.valueIsOptional === undefined && value !== '';
  if (takesNext) deepStrictEqual(parsed(row.name, `--${name}`, value), said);
}

/** undefined: refused, with its name. */
function parsed(name: string, ...words: readonly string[]): Invocation | undefined {
  const line = { words: [...words, '--', 'app'], posixlyCorrect: false };
  return orRefused(`--${name}`, () => parseOptions(line));
}
