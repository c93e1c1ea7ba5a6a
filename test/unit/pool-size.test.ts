import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseScaling, parseStartAtOnce, parseWorkers } from '../../src/command-line/pool-size.ts';

const refusalOf = (parse: (text: string, option: string) => unknown, text: string) => {
  try {
    return parse(text, `--n=${text}`);
  } catch (error) {
    return String(error);
  }
};

describe('the size of a pool', () => {
  it('is a number from 1 to 1024', () => {
    expect(parseWorkers('1', '')).toBe(1);
    expect(parseWorkers('1024', '')).toBe(1024);
    for (const text of ['0', '-1', '+1', '1025', '100000', '1.5', 'x', '', ' 1', '01']) {
      expect(refusalOf(parseWorkers, text)).toMatch(/--n=.*: not auto, nor a number from 1 to 1024$/);
      expect(refusalOf(parseStartAtOnce, text)).toMatch(/--n=.*: not a number from 1 to 1024$/);
    }
  });

  it('is by itself as many as the processors that we may use, at least one', () => {
    const workers = parseWorkers('auto', '');
    expect(workers).toBeGreaterThanOrEqual(1);
    expect(workers).toBeLessThanOrEqual(availableParallelism());
  });

  it('is changed to a number, or by one', () => {
    expect(parseScaling('8', '')).toEqual({ to: 8 });
    expect(parseScaling('+2', '')).toEqual({ by: 2 });
    expect(parseScaling('-3', '')).toEqual({ by: -3 });
    for (const text of ['0', '+0', '-0', '--1', '+', 'auto', '9999']) {
      expect(refusalOf(parseScaling, text)).toMatch(/: not a number from 1 to 1024, nor \+N or -N$/);
    }
  });
});
