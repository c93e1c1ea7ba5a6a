import { readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';
import type { TempDir } from './temp-dir.ts';

export interface Note {
  readonly generation: number;
  readonly word: string;
  readonly atMs: number;
}

export interface Notes {
  readonly env: Readonly<Record<string, string>>;
  /** In the order in which the workers wrote them. */
  readonly all: () => Note[];
  /** `GENERATION WORD` each. */
  readonly words: () => string[];
  /** Resolves to the note once it is there. */
  readonly waitFor: (words: string) => Promise<Note>;
}

/** What the teller workers of a test say and see; the key `all` stands for the generations not named. */
export function notes(dir: TempDir, steps: Readonly<Record<number | 'all', string>> | object): Notes {
  const path = dir.join('transcript');
  const env = Object.fromEntries(
    Object.entries(steps).map(([key, text]) => [key === 'all' ? 'STEPS' : `STEPS_${key}`, String(text)]),
  );
  const all = () => lines(path).map(parse);
  const words = () => all().map(({ generation, word }) => `${generation} ${word}`);
  const waitFor = (wanted: string) =>
    eventually(() => {
      const found = all().find(({ generation, word }) => `${generation} ${word}` === wanted);
      if (found === undefined) throw new Error(`no "${wanted}" among:\n${words().join('\n')}`);
      return found;
    });
  return { env: { TRANSCRIPT: path, ...env }, all, words, waitFor };
}

function parse(line: string): Note {
  const [generation, word = '', atMs] = line.split(' ');
  return { generation: Number(generation), word, atMs: Number(atMs) };
}

function lines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}
