// Words as a line of a unit (`--print-unit`): systemd reads them as they were, or they are refused. A word a line; the last one
// stands for a directory and a value of a list, too.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { fromBytes } from '../../../src/posix/libc/bytes.ts';
import { commandLine, plainPath, quotedWord } from '../../../src/start/unit/unit-words.ts';
import { orRefused } from '../../support/parsing.ts';

export const words = [
  '%',
  '$',
  '$A',
  '\\',
  '"',
  "'",
  ';',
  ' ',
  '\t',
  '--\n',
  '--port=80\n',
  '\n',
  '\x01',
  '\x7f',
  'ü',
  '#',
];

export function fuzz(input: Buffer): void {
  const words = ['/bin/a', ...fromBytes(input).replaceAll('\0', '').split('\n')];
  const refused = '--print-unit: ';
  const text = orRefused(refused, () => commandLine('ExecStart', words));
  if (text !== undefined) {
    const [name = '', ...lines] = text.replaceAll(/ \\\n {2}/g, ' ').split(/=(.*)/s);
    deepStrictEqual([name, wordsOf(lines.join(''), true)], ['ExecStart', words]);
  }
  const last = words.at(-1) ?? '';
  const path = orRefused(refused, () => plainPath(last));
  if (path !== undefined) {
    ok(!path.includes('\n'));
    deepStrictEqual(path.replaceAll('%%', '%'), last);
  }
  const word = orRefused(refused, () => quotedWord(last));
  if (word !== undefined) deepStrictEqual(wordsOf(word, false), [last]);
}

const QUOTED = /(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>[^\s"'\\]+))(?: |$)/gsy;

/** systemd.syntax(7) and systemd.service(5), as far as we use them; in a command `$$` is a dollar sign, but for its first word. */
function wordsOf(line: string, isCommand: boolean): string[] {
  QUOTED.lastIndex = 0;
  const found = [...line.matchAll(QUOTED)];
  deepStrictEqual(found.map(([all]) => all).join(''), line);
  return found.map(({ groups = {} }, index) => {
    const { quoted, bare = '' } = groups;
    const text = quoted === undefined ? bare : unescaped(quoted);
    ok(!/%(?:[^%]|$)/.test(text.replaceAll('%%', '')), `${text} names a specifier`);
    const plain = text.replaceAll('%%', '%');
    if (!isCommand || index === 0) return plain;
    ok(!plain.replaceAll('$$', '').includes('$'), `${text} names a variable`);
    return plain.replaceAll('$$', () => '$');
  });
}

function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|(.))/gs, (all, code, character) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    ok(character === '\\' || character === '"', `${all} is no escape of systemd's`);
    return character;
  });
}
