import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { inheritedSockets, inspect } from '../support/inspect.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const somaxconn = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));

describe('--backlog', () => {
  it.each([
    { option: '--backlog=7', expected: 7 },
    { option: '--backlog=0', expected: Math.min(4096, somaxconn) },
    { option: '--interval=1', expected: Math.min(4096, somaxconn) },
  ])('$option makes it $expected', async ({ option, expected }) => {
    const { report } = await inspect([option, '--port=127.0.0.1:0']);
    const [socket] = inheritedSockets(report);
    expect(socket?.descriptor.socket?.backlog).toBe(expected);
  });

  it('holds for Unix sockets: one connection more than it may wait, the next is turned away', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    await using superdaemon = startSuperdaemon(['--backlog=1', `--path=${path}`, '--', 'sleep', '1000']);
    await superdaemon.waitForLine('starting new worker ');
    const waiting = [connect({ path }), connect({ path })];
    await Promise.all(waiting.map((socket) => once(socket, 'connect')));
    await expect(once(connect({ path }), 'connect')).rejects.toMatchObject({ code: 'EAGAIN' });
    for (const socket of waiting) socket.destroy();
  });
});
