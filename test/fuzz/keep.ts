// The corpus: to its texts come the fewest of those that were found that reach what none of them does, under names that tell
// what they are.

import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corpusOf, foundOf, runFuzzer } from './read-texts.ts';

/** Returns what was done, in words. */
export function keepBest(target: string): string {
  const corpus = corpusOf(target);
  const best = mkdtempSync(join(tmpdir(), 'superdaemon-fuzz-'));
  try {
    cpSync(corpus, best, { recursive: true });
    const flags = ['-merge=1', '-use_counters=0', '-use_value_profile=0'];
    const { finding } = runFuzzer(target, [best, foundOf(target)], flags);
    if (finding !== undefined) return finding;
    const taken = new Set(readdirSync(corpus));
    const more = readdirSync(best).filter((name) => !taken.has(name));
    for (const each of more) {
      const name = nameOf(readFileSync(join(best, each)), taken);
      taken.add(name);
      copyFileSync(join(best, each), join(corpus, name));
    }
    return `${target}: ${more.length} texts are kept`;
  } finally {
    rmSync(best, { recursive: true });
  }
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
