import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drawn } from '../../scripts/pictures/drawn.ts';

describe('the pictures of the documentation', () => {
  it.each(Object.entries(drawn))('%s is the one that `npm run docs` draws', (name, draw) => {
    const file = new URL(`../../docs/pictures/${name}`, import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(draw());
  });

  it('shows a run of the demo in which no request failed', () => {
    const picture = readFileSync(new URL('../../docs/pictures/under-load.svg', import.meta.url), 'utf8');
    expect(picture).toMatch(/[\d,]+ requests, 0 failed/);
  });
});
