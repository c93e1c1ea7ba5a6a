// The texts that fuzzing by coverage has found to lead somewhere (`npm run fuzz`), each read once more.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { soon } from '../support/parsing.ts';

const fuzz = fileURLToPath(new URL('../fuzz', import.meta.url));
const targets = readdirSync(`${fuzz}/targets`).map((name) => name.replace(/\.ts$/, ''));

it('there are texts for each of the parsers that are fuzzed, and for no other', () => {
  expect(readdirSync(`${fuzz}/corpus`)).toEqual(targets);
});

/** Of a busy machine: what a single text may take is asked of the processor. */
const limited = { timeout: 120_000 };

describe.each(targets)('%s', limited, (target) => {
  const corpus = `${fuzz}/corpus/${target}`;
  const texts = readdirSync(corpus);

  it(`is understood, or refused as promised, in each of ${texts.length} texts`, async () => {
    const { fuzz: read }: { fuzz: (input: Buffer) => void } = await import(`../fuzz/targets/${target}.ts`);
    const failures = texts.flatMap((name) => {
      try {
        soon(() => read(readFileSync(`${corpus}/${name}`)));
        return [];
      } catch (error) {
        return [`${name}: ${error instanceof Error ? error.stack : String(error)}`];
      }
    });
    expect(failures).toEqual([]);
    expect(texts.length).toBeGreaterThan(0);
  });
});
