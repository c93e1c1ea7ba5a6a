import { expect, it, vi } from 'vitest';
import { serviceManager } from '../../src/systemd/service-manager.ts';

const facts = { attemptMs: 20_000, endsByItself: false, isReady: false };
const told = [['NOTIFY_SOCKET', '@superdaemon-nobody']] as const;

/** How often it is told that we live; nothing where it does not ask. */
function beatsEveryMs(...more: readonly (readonly [string, string])[]): readonly unknown[] {
  const timers = vi.spyOn(globalThis, 'setInterval');
  using _manager = serviceManager(new Map([...told, ...more]), facts);
  const beats = timers.mock.calls.map(([, ms]) => ms);
  timers.mockRestore();
  return beats;
}

it('a service manager that watches us is told twice within its time, so that one late beat costs nothing', () => {
  expect(beatsEveryMs(['WATCHDOG_USEC', '1000000'])).toEqual([500]);
  expect(beatsEveryMs(['WATCHDOG_USEC', '1000000'], ['WATCHDOG_PID', String(process.pid)])).toEqual([500]);
});

it.each([
  [['WATCHDOG_USEC', '1000000'] as const, ['WATCHDOG_PID', '1'] as const],
  [['WATCHDOG_USEC', '0'] as const],
  [['WATCHDOG_USEC', '-5'] as const],
  [['WATCHDOG_USEC', '1e6'] as const],
])('one that watches another process, or says no time, is told nothing: %s', (...variables) => {
  expect(beatsEveryMs(...variables)).toEqual([]);
});
