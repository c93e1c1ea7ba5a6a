// The files of a worker share its process, one after the other: whatever one of them changes there it puts back, or fails for it.

import { afterAll, expect, vi } from 'vitest';

const before = shared();
afterAll(() => {
  const after = shared();
  const names = new Set([...before.keys(), ...after.keys()]);
  const changed = [...names].filter((name) => before.get(name) !== after.get(name));
  expect(changed, 'what this file leaves changed in the process of the next').toEqual([]);
});

function shared(): ReadonlyMap<string, string | undefined> {
  return new Map([
    ...Object.entries(process.env).map(([name, value]) => [`$${name}`, value] as const),
    ['working directory', process.cwd()],
    ['umask', process.umask().toString(8)],
    ['signals listened to', process.eventNames().map(String).filter(isSignal).join()],
    ['fake timers', String(vi.isFakeTimers())],
  ]);
}

function isSignal(event: string): boolean {
  return event.startsWith('SIG');
}
