// What a hand slips on: each is made wherever it matches, one at a time.

import { readdirSync, readFileSync } from 'node:fs';

export const HEART = 'src/superdaemon';

export interface Slip {
  readonly file: string;
  /** What is shown of it. */
  readonly what: string;
  /** The whole file with the slip in it. */
  readonly text: string;
  /** Of the end-to-end tests those that concern it. */
  readonly e2e?: readonly string[];
}

/** Whoever is asked about them. */
export interface Tests extends Disposable {
  /** The first that fails with it; undefined: none does. */
  readonly noticedBy: (slip: Slip) => Promise<string | undefined>;
}

/** A lookbehind keeps types and generics out. */
const SLIPS: readonly (readonly [RegExp, string])[] = [
  [/&&/g, '||'],
  [/\|\|/g, '&&'],
  [/===/g, '!=='],
  [/!==/g, '==='],
  [/(?<= )<(?= )/g, '<='],
  [/(?<= )>(?= )/g, '>='],
  [/(?<= )<=(?= )/g, '<'],
  [/(?<= )>=(?= )/g, '>'],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/Math\.max/g, 'Math.min'],
  [/Math\.min/g, 'Math.max'],
  [/\.some\(/g, '.every('],
  [/\.every\(/g, '.some('],
  [/(?<=[ (])!(?=\w)/g, ''],
  [/ \+ 1\b/g, ' + 2'],
  [/ - 1\b/g, ''],
  [/(?<=^ {2,8})[\w.]+\(.*\);$/g, ';'],
  [/(?<=^ {2,8})[\w.]+ \+?= .*;$/g, ';'],
];

/** All that can be made in a folder, in the files or lines whose names have one of the words. */
export function slipsIn(folder: string, words: readonly string[]): readonly Slip[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => slipsOf(folder, name, words));
}

function slipsOf(folder: string, name: string, words: readonly string[]): readonly Slip[] {
  const file = `${folder}/${name}`;
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((before, index) => {
    const place = `${name}:${index + 1} `;
    if (words.length > 0 && !words.some((word) => place.includes(word))) return [];
    return changesOf(before).map((after) => ({
      file,
      what: `${folder}/${place} ${before.trim()}  →  ${after.trim() || '(nothing)'}`,
      text: lines.with(index, after).join('\n'),
    }));
  });
}

function changesOf(line: string): readonly string[] {
  if (/^\s*(\/\/|\/?\*|import|export (type|interface)|type |interface |\| |readonly )/.test(line)) return [];
  return SLIPS.flatMap(([pattern, instead]) =>
    [...line.matchAll(pattern)].map(
      (match) => line.slice(0, match.index) + instead + line.slice(match.index + match[0].length),
    ),
  );
}
