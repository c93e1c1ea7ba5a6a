import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Newest } from '../../src/workers/newest.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function recorded() {
  const told: string[] = [];
  return { told, words: new Newest<string>(100, (word) => told.push(word)) };
}

describe('of words in quick succession', () => {
  it('the first is told at once, the last in the end, and of those between the newest', () => {
    const { told, words } = recorded();
    for (let ms = 0; ms < 250; ms += 1) {
      words.say(`${ms}`);
      vi.advanceTimersByTime(1);
    }
    expect(told).toEqual(['0', '99', '199']);
    expect(words.unsent()).toBe('249');
    vi.advanceTimersByTime(100);
    expect(told).toEqual(['0', '99', '199', '249']);
    expect(words.unsent()).toBeUndefined();
  });

  it('one that comes after a silence is told at once', () => {
    const { told, words } = recorded();
    words.say('first');
    vi.advanceTimersByTime(1_000);
    words.say('second');
    expect(told).toEqual(['first', 'second']);
  });

  it('the last is told at the end, and no timer is left', () => {
    const { told, words } = recorded();
    words.say('first');
    words.say('last');
    words.finish();
    expect(told).toEqual(['first', 'last']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
