// A command line, a word a line: what is understood is understood in its plain form, too, and by the superdaemon that it is
// sent to (`--upgrade -- …`).

import { deepStrictEqual } from 'node:assert/strict';
import { optionRows } from '../../../src/command-line/option-table.ts';
import { parseOptions, wantsJson } from '../../../src/command-line/options.ts';
import { parseCommandLine } from '../../../src/control/parse-request.ts';
import { lineOf, PROTOCOL } from '../../../src/control/protocol.ts';
import { fromBytes } from '../../../src/posix/libc/bytes.ts';
import { orRefused } from '../../support/parsing.ts';

export const words = ['--', ...optionRows.map(({ name }) => `--${name}`), '=', '8080', 'TERM', 'auto', '+'];

export function fuzz(input: Buffer): void {
  const typed = fromBytes(input).replaceAll('\0', '').split('\n');
  for (const posixlyCorrect of [false, true]) {
    const line = { words: typed, posixlyCorrect };
    wantsJson(line);
    const invocation = orRefused('', () => parseOptions(line));
    if (invocation?.kind === 'start') readsItsPlainForm(typed, posixlyCorrect);
  }
  const commandLine = { words: typed, directory: '/' };
  const sent = lineOf({ protocol: PROTOCOL, request: 'reconfigure', commandLine });
  deepStrictEqual(parseCommandLine(sent), commandLine);
}

/** In which a unit of systemd has it. */
function readsItsPlainForm(typed: readonly string[], posixlyCorrect: boolean): void {
  const invocation = parseOptions({ words: ['--print-unit', ...typed], posixlyCorrect });
  if (invocation.kind !== 'print-unit') throw new Error(`it is ${invocation.kind} with --print-unit`);
  const { words: plain, options } = invocation;
  const again = parseOptions({ words: [...plain, '--', ...options.command], posixlyCorrect });
  deepStrictEqual(again, { kind: 'start', options });
}
