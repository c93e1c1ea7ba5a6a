import { describe, expect, it } from 'vitest';
import { nearestName } from '../../src/command-line/nearest-name.ts';

const names = ['port', 'path', 'as', 'pid-file', 'status-file', 'signal-on-hup', 'signal-on-term'];

describe('a name that nobody has', () => {
  it.each([
    ['prt', 'port'],
    ['prot', 'port'],
    ['paths', 'path'],
    ['pidfile', 'pid-file'],
    ['statusfile', 'status-file'],
    ['signal_on_term', 'signal-on-term'],
    ['sig-on-hup', 'signal-on-hup'],
  ])('%s is near %s', (typed, name) => {
    expect(nearestName(typed, names)).toBe(name);
  });

  it.each(['x', 'xy', 'nope', 'workers', '', 'x'.repeat(100_000)])('%s is near none', (typed) => {
    expect(nearestName(typed, names)).toBeUndefined();
  });
});
