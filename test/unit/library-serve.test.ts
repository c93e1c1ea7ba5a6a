import { once } from 'node:events';
import { createServer as createNetServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listen, serve } from '../../src/library/index.ts';

type Wrong = (app: unknown, where?: unknown) => Promise<unknown>;

beforeEach(() => void vi.stubEnv('SERVER_STARTER_PORT', undefined));
afterEach(() => {
  vi.unstubAllEnvs();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR2']) process.removeAllListeners(signal);
});

describe('serve', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('goes on %s, and returns the server', async (signal) => {
    const server = await serve(createNetServer(), 0);
    const closed = once(server, 'close');
    process.kill(process.pid, signal);
    await closed;
  });

  it('goes on the signals that it is given, and no others', async () => {
    const server = await serve(() => {}, { fallback: 0, signals: ['SIGUSR2'] });
    expect(process.listenerCount('SIGTERM')).toBe(0);
    const closed = once(server, 'close');
    process.kill(process.pid, 'SIGUSR2');
    await closed;
  });

  it('leaves the signals alone when it cannot listen', async () => {
    await using taken = await listen(createNetServer(), 0);
    const address = taken.address();
    const where = { fallback: typeof address === 'object' ? address?.port : 0 };
    await expect(serve(createNetServer(), where)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(process.listenerCount('SIGTERM')).toBe(0);
  });

  it('lets a second SIGINT end it when no superdaemon has started it', async () => {
    await using _first = await serve(createNetServer(), 0);
    process.emit('SIGINT');
    expect([process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')]).toEqual([0, 1]);
  });

  it.each([
    null,
    undefined,
    { port: 3000 },
  ])('says how a place to listen is given, not as %j', async (where) => {
    const sentence = 'no fallback is given: a port, a path, or { fallback: { port: 3000 } }';
    await expect((serve as Wrong)(() => {}, where)).rejects.toThrow(sentence);
    expect(process.listenerCount('SIGTERM')).toBe(0);
  });

  it('refuses what is no signal, no server and no function', async () => {
    const where = { fallback: 0, signals: ['QUIT'] };
    await expect((serve as Wrong)(() => {}, where)).rejects.toThrow('signals: QUIT is none; SIGTERM is one');
    await expect((serve as Wrong)(undefined, 0)).rejects.toThrow('listen takes a server');
  });
});
