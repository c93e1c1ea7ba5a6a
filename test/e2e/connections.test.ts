import { describe, expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { workerPid } from '../support/pids.ts';
import { freeze, isNonBlocking, waitingConnections } from '../support/proc.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { echoNode, echoPerl } from '../support/workers.ts';

describe('what a worker sets on a socket', () => {
  it('is left alone by a deploy: non-blocking stays non-blocking', async () => {
    const port = await freePort();
    const worker = [
      'sh',
      '-c',
      '[ $SERVER_STARTER_GENERATION -gt 1 ] || exec "$@"; exec sleep 1000',
      'sh',
      ...echoNode,
    ];
    await using superdaemon = startSuperdaemon([
      '--interval=0',
      `--port=127.0.0.1:${port}=9`,
      '--',
      ...worker,
    ]);
    const first = await workerPid(superdaemon);
    await ask({ host: '127.0.0.1', port });
    expect(isNonBlocking(first, 9)).toBe(true);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(`old worker ${first} died, status:0`);
    expect(isNonBlocking(await workerPid(superdaemon, 2), 9)).toBe(true);
  });
});

describe('connections', () => {
  it('wait for a stopped worker in the queue of the kernel, fifty of them, and are all served', async () => {
    const port = await freePort();
    const address = { host: '127.0.0.1', port };
    await using superdaemon = startSuperdaemon([`--port=127.0.0.1:${port}`, '--', ...echoPerl]);
    await superdaemon.waitForLine('starting new worker ');
    const worker = await ask(address);
    await freeze(worker.pid);

    const replies = Promise.all(Array.from({ length: 50 }, () => ask(address)));
    await eventually(() => expect(waitingConnections(port)).toBe(50));
    process.kill(worker.pid, 'SIGCONT');
    expect(await replies).toEqual(Array.from({ length: 50 }, () => worker));
  });

  it('made while no worker runs are served by the next', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const port = await freePort();
    const worker = [
      'sh',
      '-c',
      '[ $SERVER_STARTER_GENERATION -gt 1 ] || exit 1; exec "$@"',
      'sh',
      ...echoPerl,
    ];
    await using superdaemon = startSuperdaemon([`--port=${port}`, '--', ...worker], { env: notes.env });
    await superdaemon.waitForLine('starting new worker ');
    expect(await ask({ host: '127.0.0.1', port })).toMatchObject({ generation: 2 });
  });
});
