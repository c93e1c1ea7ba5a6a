import { spawn } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { closeQuietly } from '../../src/posix/file/descriptor.ts';
import { toBytes } from '../../src/posix/libc/bytes.ts';
import { environmentOf } from '../../src/posix/process/process-facts.ts';
import { datagramSender } from '../../src/posix/socket/datagram.ts';
import { sockaddr } from '../../src/posix/socket/sockaddr.ts';
import { removeLeftovers } from '../../src/workers/notify-leftovers.ts';
import { makeDirectory, openSocket } from '../../src/workers/notify-place.ts';
import { survivorSockets } from '../../src/workers/survivor-sockets.ts';
import { eventually } from '../support/eventually.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const madeIn = (dir: TempDir) => makeDirectory({ name: dir.path, renamable: false, user: undefined });

/** As its superdaemon leaves it, which is killed. */
async function survivor(dir: TempDir) {
  const directory = madeIn(dir);
  const { fd, path } = openSocket(directory, 1);
  for (const each of [fd, directory.fd]) closeQuietly(each);
  const worker = spawn('sleep', ['1000'], { env: { ...process.env, NOTIFY_SOCKET: path } });
  const { pid = 0 } = worker;
  await eventually(() => expect(environmentOf(pid).get('NOTIFY_SOCKET')).toBe(path));
  const send = datagramSender(sockaddr({ family: 'unix', path: toBytes(path) }));
  const end = () => worker.kill('SIGKILL');
  return { pid, path, send: () => send('STOPPING=1'), [Symbol.dispose]: end };
}

describe('a worker whose superdaemon was killed', () => {
  it('finds its NOTIFY_SOCKET again, however often it sends, and nothing of it is left behind it', async () => {
    using dir = tempDir();
    using worker = await survivor(dir);
    expect(worker.send).toThrow();
    using sockets = survivorSockets([worker.pid]);
    const ours = madeIn(dir);
    removeLeftovers(ours);
    for (let count = 0; count < 100; count += 1) await eventually(worker.send);
    sockets.died(worker.pid);
    expect(worker.send).toThrow();
    expect(readdirSync(dir.path).map((name) => dir.join(name))).toEqual([ours.path]);
  });

  it('finds it again where another superdaemon has removed it', async () => {
    using dir = tempDir();
    using worker = await survivor(dir);
    rmSync(dirname(worker.path), { recursive: true });
    using sockets = survivorSockets([worker.pid]);
    worker.send();
    sockets.died(worker.pid);
    expect(readdirSync(dir.path)).toEqual([]);
  });

  it('keeps its files where we end before it', async () => {
    using dir = tempDir();
    using worker = await survivor(dir);
    survivorSockets([worker.pid])[Symbol.dispose]();
    using _next = survivorSockets([worker.pid]);
    worker.send();
  });
});
