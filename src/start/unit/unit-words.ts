// Text as systemd reads it: systemd.syntax(7), systemd.service(5).

import { StartupError } from '../../startup-error.ts';

/** A line of a command: it replaces `$NAME` and `%s`, and undoes quotes and backslashes. */
export function commandLine(name: string, words: readonly string[]): string {
  const [program = '', ...others] = words;
  // Of the program's name it replaces no variable.
  const quoted = [quotedWord(program), ...others.map((word) => quotedWord(word.replace(/\$/g, '$$$$')))];
  const [first = '', ...rest] = quoted;
  const lines = [`${name}=${first}`];
  const end = quoted.slice(quoted.indexOf('--')).join(' ');
  for (const word of rest) {
    const last = lines.pop() ?? '';
    const longer = `${last} ${word}`;
    // What is behind it stays together, if it can.
    const length = word === '--' ? longer.length + end.length - word.length : longer.length;
    if (length <= WIDTH) lines.push(longer);
    else lines.push(`${last} \\`, `  ${word}`);
  }
  return lines.join('\n');
}

const WIDTH = 112;

/** One of a list. */
export function quotedWord(word: string): string {
  if (/\p{Surrogate}/u.test(word)) throw new StartupError(`--print-unit: ${word}: systemd reads UTF-8 only`);
  const text = word.replaceAll('%', '%%');
  if (/^[\w@%+=:,./$-]+$/.test(text)) return text;
  return `"${text.replace(ESCAPED, escaped)}"`;
}

/** What follows an equals sign as it is, up to the end of the line. */
export function plainPath(path: string): string {
  if (/[\p{Cc}\p{Surrogate}]|\\$|\s$/u.test(path))
    throw new StartupError(`--print-unit: ${JSON.stringify(path)}: systemd takes no such path`);
  return path.replaceAll('%', '%%');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about.
const ESCAPED = /[\\"\x01-\x1f\x7f]/g;

function escaped(character: string): string {
  if (character === '\\' || character === '"') return `\\${character}`;
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
