// The corpus: of all texts the fewest that reach what has been reached, under names that tell what they are.

import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corpusOf, foundOf, runFuzzer } from './read-texts.ts';

/** Returns what was done, in words. */
export function keepBest(target: string): string {
  const best = mkdtempSync(join(tmpdir(), 'superdaemon-fuzz-'));
  try {
    const flags = ['-set_cover_merge=1', '-use_counters=0', '-use_value_profile=0'];
    const { finding } = runFuzzer(target, [best, corpusOf(target), foundOf(target)], flags);
    if (finding !== undefined) return finding;
    const texts = readdirSync(best).map((name) => join(best, name));
    replace(corpusOf(target), texts);
    return `${target}: ${texts.length} texts are kept`;
  } finally {
    rmSync(best, { recursive: true });
  }
}

function replace(corpus: string, texts: readonly string[]): void {
  rmSync(corpus, { recursive: true, force: true });
  mkdirSync(corpus);
  const taken = new Set<string>();
  for (const text of texts.map((path) => ({ path, bytes: readFileSync(path) })).sort(bySize)) {
    const name = nameOf(text.bytes, taken);
    taken.add(name);
    copyFileSync(text.path, join(corpus, name));
  }
}

function bySize(a: { readonly bytes: Buffer }, b: { readonly bytes: Buffer }): number {
  return a.bytes.length - b.bytes.length || Buffer.compare(a.bytes, b.bytes);
}

const LONGEST_NAME = 40;

/** Its own first words, as far as a file may be called so. */
function nameOf(bytes: Buffer, taken: ReadonlySet<string>): string {
  const words = bytes.toString('latin1').match(/[a-z0-9]+/gi) ?? [];
  const name = words.join('-').slice(0, LONGEST_NAME).replace(/-$/, '').toLowerCase() || 'signs';
  let number = 1;
  while (taken.has(number === 1 ? name : `${name}.${number}`)) number += 1;
  return number === 1 ? name : `${name}.${number}`;
}
