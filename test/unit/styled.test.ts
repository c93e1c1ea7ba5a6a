import { describe, expect, it } from 'vitest';
import { rendered } from '../../src/client/styled.ts';

const line = [{ text: 'worker ' }, { text: 'serves', style: 'green' }, { text: ' well' }] as const;

describe('a line for a terminal', () => {
  it('is whole where there is room, and coloured where that is shown', () => {
    expect(rendered(line, { colour: false })).toBe('worker serves well');
    expect(rendered(line, { colour: true })).toBe('worker \u001b[32mserves\u001b[0m well');
  });

  it.each([
    [18, 'worker serves well'],
    [17, 'worker serves wel'],
    [13, 'worker serves'],
    [9, 'worker se'],
    [3, 'wor'],
    [0, ''],
  ])('is cut off at %i columns', (columns, shown) => {
    expect(rendered(line, { colour: false, columns })).toBe(shown);
  });
});
