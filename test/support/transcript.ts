import { readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';
import type { TempDir } from './temp-dir.ts';

export interface Transcript {
  /** For the workers: where to write, and how each generation is to act (`{ 2: 'exit 9' }`, see actor.pl). */
  readonly env: Readonly<Record<string, string>>;
  /** `GENERATION EVENT` lines in the order in which the workers wrote them. */
  readonly lines: () => string[];
  /** Resolves when that line is there. */
  readonly waitFor: (line: string) => Promise<void>;
}

/** What the actor workers of a test do and see, in order. The key `all` stands for the generations not named. */
export function transcript(
  dir: TempDir,
  acts: Readonly<Record<number | 'all', string>> | object = {},
): Transcript {
  const path = dir.join('transcript');
  const env = Object.fromEntries(
    Object.entries(acts).map(([key, act]) => [key === 'all' ? 'ACT' : `ACT_${key}`, String(act)]),
  );
  const lines = () => readIfThere(path).split('\n').slice(0, -1);
  const waitFor = (line: string) =>
    eventually(() => {
      if (!lines().includes(line)) throw new Error(`no "${line}" in the transcript:\n${lines().join('\n')}`);
    });
  return { env: { TRANSCRIPT: path, ...env }, lines, waitFor };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
