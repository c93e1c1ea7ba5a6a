import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listen } from '../../src/posix/libc/libc.ts';
import { keepListening } from '../../src/sockets/keep-listening.ts';
import { openListeners } from '../../src/sockets/open-listeners.ts';
import { parsePath } from '../../src/sockets/socket-spec.ts';
import { tempDir } from '../support/temp-dir.ts';

const options = {
  backlog: 4,
  pathAccess: { mode: 0o777, owner: undefined },
  activated: [],
  orphaned: { take: () => undefined, abandoned: new Set<never>(), serve: () => false },
  blocking: true,
  warn: (line: string) => expect.fail(line),
  passedThrough: [],
  limit: 1024,
  consecutive: false,
  first: 3,
};

describe('a queue that a worker has cut', () => {
  it('is as long as was asked for again before the next spawn', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    using opened = await openListeners([parsePath(path)], [], options);
    const [listener] = opened.listeners;
    if (listener === undefined) throw new Error('no socket');
    using listening = keepListening(opened.listeners, options);
    listen(listener.from, 0);
    expect(await accepted(path)).toBe(1);
    listening.renew();
    expect(await accepted(path)).toBe(4);
  });
});

/** How many more connections find room. */
async function accepted(path: string): Promise<number> {
  for (let count = 0; ; count++) {
    const socket = connect({ path }).unref();
    const [outcome] = await Promise.race([
      once(socket, 'connect').then(() => ['connected']),
      once(socket, 'error').then(() => ['refused']),
    ]).catch(() => ['refused']);
    if (outcome === 'refused') return count;
  }
}
