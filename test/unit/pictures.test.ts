import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drawn } from '../../scripts/pictures/drawn.ts';

describe('the pictures of the documentation', () => {
  it.each(Object.entries(drawn))('%s is the one that `npm run docs` draws', (name, draw) => {
    expect(readFileSync(picture(name), 'utf8')).toBe(draw());
  });

  it.each([
    ['under-load.svg', /[\d,]+ requests, 0 failed/],
    ['restart.svg', />exit status 0</],
    ['broken.svg', />giving up after 3 attempts, generation 2 keeps serving</],
    ['status.svg', />superdaemon \d+, version [\d.]+: serving</],
  ])('%s shows what it says', (name, words) => {
    expect(readFileSync(picture(name), 'utf8')).toMatch(words);
  });
});

function picture(name: string): URL {
  return new URL(`../../docs/pictures/${name}`, import.meta.url);
}
