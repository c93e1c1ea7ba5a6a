import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listen } from '../../src/posix/libc/libc.ts';
import { posixSpawn } from '../../src/posix/process/posix-spawn.ts';
import { everySignal } from '../../src/posix/process/signals.ts';
import { prepareSpawn } from '../../src/posix/process/spawn.ts';
import { reap } from '../../src/posix/process/wait.ts';
import { keepListening } from '../../src/sockets/keep-listening.ts';
import { queuesOf } from '../../src/sockets/listener.ts';
import { openListeners } from '../../src/sockets/open-listeners.ts';
import { parsePath, parsePort } from '../../src/sockets/socket-spec.ts';
import { eventually } from '../support/eventually.ts';
import { plainListening } from '../support/plain-listening.ts';
import { tempDir } from '../support/temp-dir.ts';

describe('a queue that a worker has cut', () => {
  it('is as long as was asked for again before the next spawn', async () => {
    using cut = await cutQueue();
    using listening = keepListening(() => cut.listeners, plainListening);
    listening.renew();
    expect(await accepted(cut.path)).toBe(4);
  });

  it.each([
    { by: 'clone', prepare: prepareSpawn },
    { by: 'posix_spawn', prepare: posixSpawn },
  ])('is as long as was asked for again in the next worker, by $by', async ({ prepare }) => {
    using cut = await cutQueue();
    const spawn = prepare({
      descriptors: [],
      queues: [{ fd: cut.listener.from, backlog: 4 }],
      defaultSignals: everySignal,
      blockedSignals: [],
      openFilesLimit: 1024,
    });
    const file = Buffer.from('/bin/true');
    const pid = spawn({ file, argv: [file], env: { lasting: Buffer.alloc(0), own: [] } });
    await eventually(() => expect(reap(pid)).toEqual({ status: 0 }));
    expect(await accepted(cut.path)).toBe(4);
  });

  it('is for the spawn to restore where it is a TCP socket: of a Unix one the worker would be named', async () => {
    using dir = tempDir();
    const specs = [parsePort('127.0.0.1:0'), parsePath(dir.join('socket')), parsePort('127.0.0.1:u0')];
    using opened = await openListeners(specs, [], plainListening);
    expect(queuesOf(opened.listeners)).toEqual([{ fd: opened.listeners[0]?.from, backlog: 4 }]);
  });
});

/** A Unix socket whose queue holds nobody but the first. */
async function cutQueue() {
  const dir = tempDir();
  const path = dir.join('socket');
  const opened = await openListeners([parsePath(path)], [], plainListening);
  const { listeners } = opened;
  const [listener] = listeners;
  if (listener === undefined) throw new Error('no socket');
  listen(listener.from, 0);
  expect(await accepted(path)).toBe(1);
  return {
    ...{ path, listener, listeners },
    [Symbol.dispose]: () => {
      opened[Symbol.dispose]();
      dir[Symbol.dispose]();
    },
  };
}

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
