import cluster from 'node:cluster';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { closeGently } from '../../src/library/inherit/close-gently.ts';
import { goOnSignals } from '../../src/library/inherit/going.ts';
import type { Lazily } from '../../src/library/inherit/inherit.ts';
import * as later from '../../src/library/inherit/later.ts';
import type { Place } from '../../src/library/inherit/places.ts';

const signals = ['SIGUSR2', 'SIGINT'] as const;
const others = signals.map((signal) => process.listeners(signal));

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const [index, signal] of signals.entries()) {
    for (const each of process.listeners(signal))
      if (!others[index]?.includes(each)) process.off(signal, each);
  }
});

it.each([
  ['30 s, where that is longer than what it has', '10,20', 30_000],
  ['the time that it has in a deploy', '10,600', 600_000],
])('a program that does not listen to the signal has its connections cut after %s', async (_, limits, ms) => {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const server = createServer().listen(0, '127.0.0.1');
  const lazily = { cluster: () => cluster, later: () => later } as Partial<Lazily> as Lazily;
  closeGently(server, lazily);
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  goOnSignals(
    { SERVER_STARTER_SIGNALS: 'SIGUSR2', SERVER_STARTER_KILLED_AFTER: limits },
    {
      places: [{ taker: server } as Partial<Place> as Place],
      gate: { holds: () => false, pass: () => {} },
      lazily,
    },
  ).serves();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  process.emit('SIGUSR2');
  vi.advanceTimersByTime(ms - 1);
  expect([server.listening, accepted.destroyed]).toEqual([false, false]);
  vi.advanceTimersByTime(1);
  expect(accepted.destroyed).toBe(true);
  vi.useRealTimers();
  await vi.waitFor(() => expect(exit).toHaveBeenCalledOnce());
  client.destroy();
});
