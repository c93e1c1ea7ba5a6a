// What a worker's side keeps: its connections, as long as they are there, and a pipe that nobody may read.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { connectionsOf } from '../../src/library/connections.ts';
import { eventually } from '../support/eventually.ts';
import { tempDir } from '../support/temp-dir.ts';
import { anotherProcess } from './another-process.ts';

it('a worker never waits for a superdaemon that does not read', async () => {
  using dir = tempDir();
  using worker = await anotherProcess('library/superdaemon-pipe.ts');
  execFileSync('mkfifo', [dir.join('pipe')]);
  const code = `
    const { openSync } = require('node:fs');
    const [theirs, ours_] = [openSync(words[0], 'r+'), openSync(words[0], 'r+')];
    process.env.NOTIFY_FD = String(ours_);
    const pipe = ours.superdaemonPipe();
    const heard = Array.from({ length: 1000 }, () => pipe.write('x'.repeat(999) + '\\n'));
    console.log(heard.every(Boolean), theirs > 0);`;
  const { stdout, stderr } = worker.run(code, { words: [dir.join('pipe')] });
  expect([String(stdout), String(stderr)]).toEqual(['true true\n', '']);
});

it('a connection is known as long as it is there', async () => {
  const server = createServer();
  const { sockets } = connectionsOf(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  try {
    await eventually(() => expect(sockets.size).toBe(1));
    client.end();
    for (const each of sockets) each.end();
    await eventually(() => expect(sockets.size).toBe(0));
  } finally {
    client.destroy();
    server.close();
  }
});
