import { describe, expect, it } from 'vitest';
import { restartsFrom } from '../../src/superdaemon/policy.ts';

function read(variables: Record<string, string>) {
  const warnings: string[] = [];
  const restarts = restartsFrom(new Map(Object.entries(variables)), (message) => warnings.push(message));
  return { ...restarts, warnings };
}

const quiet = { autoRestartIntervalMs: undefined, warnings: [] };

describe('the environment', () => {
  it.each([
    [{}, 0],
    [{ KILL_OLD_DELAY: '3' }, 3000],
    [{ KILL_OLD_DELAY: '0.5' }, 500],
    [{ KILL_OLD_DELAY: '' }, 0],
    [{ AUTO_RESTART_INTERVAL: '9' }, 0],
    [{ ENABLE_AUTO_RESTART: '' }, 0],
    [{ ENABLE_AUTO_RESTART: '0' }, 0],
  ])('%j asks for no auto restart and a delay of %i ms', (variables, killOldDelayMs) => {
    expect(read(variables)).toEqual({ ...quiet, killOldDelayMs });
  });

  it.each([
    [{}, 5000, 360_000],
    [{ ENABLE_AUTO_RESTART: 'no' }, 5000, 360_000],
    [{ ENABLE_AUTO_RESTART: '00' }, 5000, 360_000],
    [{ KILL_OLD_DELAY: '0' }, 0, 360_000],
    [{ AUTO_RESTART_INTERVAL: '2' }, 5000, 2000],
    [{ AUTO_RESTART_INTERVAL: '0' }, 5000, 360_000],
    [{ AUTO_RESTART_INTERVAL: '' }, 5000, 360_000],
  ])('with auto restart and %j means a delay of %i ms and an interval of %i ms', (more, killOldDelayMs, interval) => {
    expect(read({ ENABLE_AUTO_RESTART: '1', ...more })).toEqual({
      killOldDelayMs,
      autoRestartIntervalMs: interval,
      warnings: [],
    });
  });

  it.each([
    'abc',
    '-1',
    '1e9',
    ' 5',
    '5s',
  ])('warns of %j for a number of seconds, and means the default', (text) => {
    const { warnings, ...restarts } = read({
      ENABLE_AUTO_RESTART: '1',
      KILL_OLD_DELAY: text,
      AUTO_RESTART_INTERVAL: text,
    });
    expect(restarts).toEqual({ killOldDelayMs: 5000, autoRestartIntervalMs: 360_000 });
    expect(warnings.toSorted()).toEqual([
      `AUTO_RESTART_INTERVAL=${text}: not a number of seconds, using 360`,
      `KILL_OLD_DELAY=${text}: not a number of seconds, using 5`,
    ]);
  });
});
