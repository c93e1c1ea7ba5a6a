import { readFileSync } from 'node:fs';

export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** The instructions of a Containerfile, continued lines joined, comments left out. */
export function instructions(file: string): Instruction[] {
  return readFileSync(file, 'utf8')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
      return { name, rest };
    });
}

/** The last instruction of that name: it is the one that counts. */
export function lastOf(all: readonly Instruction[], name: string): string {
  const found = all.filter((instruction) => instruction.name === name).at(-1);
  if (found === undefined) throw new Error(`no ${name}`);
  return found.rest;
}

/** The words of an exec form: `["a", "b"]`, with what may stand before it. */
export function execForm(text: string): string[] {
  const words: unknown = JSON.parse(text.slice(text.indexOf('[')));
  if (!Array.isArray(words)) throw new Error(`not an exec form: ${text}`);
  return words.map(String);
}
