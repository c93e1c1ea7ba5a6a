// The example's serve.py, with an application that takes long to start.

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { setBlocking } from '../../src/posix/file/descriptor.ts';
import { publishedGenerations } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { describePeer } from '../support/peer.ts';
import { workerPid } from '../support/pids.ts';
import { attemptRequest } from '../support/request.ts';
import { type SuperdaemonOptions, startSuperdaemon } from '../support/superdaemon.ts';
import { activatedBy, holdSocket, unixAddress } from '../support/systemd.ts';
import { tempDir } from '../support/temp-dir.ts';

const from = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const command = ['/usr/bin/python3', from('examples/uvicorn/serve.py'), 'slow_asgi_app:app'];
const workers = from('test/workers');
const options = ['--as=uvicorn', '--path=sock', '--status-file=status', '--', ...command];

describePeer('uvicorn that takes long to start', ['uvicorn'], () => {
  it('takes the place of the old one when it listens, not before', async () => {
    using place = slowPlace();
    place.go();
    await using superdaemon = place.start(['--ready=notify', '--interval=0']);
    await superdaemon.waitForLine('starting new worker');
    expect(await place.ask()).toMatchObject({ outcome: 'ok', generation: 1 });
    await eventually(() => expect(place.published()).toEqual([1]));
    place.hold();
    superdaemon.signal('SIGHUP');
    await place.starting(2);
    expect(await place.ask()).toMatchObject({ outcome: 'ok', generation: 1 });
    expect(place.published()).toEqual([1]);
    place.go();
    await eventually(() => expect(place.published()).toEqual([2]));
    expect(await place.ask()).toMatchObject({ outcome: 'ok', generation: 2 });
  });

  it('serves on alone when its superdaemon was killed, and the next one gets the socket blocking', async () => {
    using place = slowPlace();
    using socket = holdSocket(unixAddress(place.socket));
    place.go();
    await using killed = place.start(['--ready=notify'], activatedBy([socket]));
    expect(await place.ask()).toMatchObject({ outcome: 'ok', generation: 1 });
    place.hold();
    killed.signal('SIGKILL');
    await killed.ended();
    // As systemd does at each start of a service.
    setBlocking(socket.fd, true);
    await using superdaemon = place.start(['--ready=notify'], activatedBy([socket]));
    await place.starting(2);
    for (let count = 0; count < 3; count += 1)
      expect(await place.ask(), superdaemon.log()).toMatchObject({ outcome: 'ok', generation: 1 });
  });

  it('and is told to go meanwhile loses nobody who waits', async () => {
    using place = slowPlace();
    await using superdaemon = place.start(['--interval=1']);
    await place.starting(1);
    const waiting = [place.ask(), place.ask(), place.ask()];
    process.kill(await workerPid(superdaemon), 'SIGTERM');
    place.go();
    for (const answer of await Promise.all(waiting)) expect(answer).toMatchObject({ outcome: 'ok' });
    await superdaemon.waitForLine(/^(new )?worker \d+ (died unexpectedly|seems to have failed to start)/);
  });
});

function slowPlace() {
  const dir = tempDir();
  return {
    socket: dir.join('sock'),
    start: (own: readonly string[], { env, ...how }: SuperdaemonOptions = {}) =>
      startSuperdaemon([...own, ...options], { ...how, cwd: dir.path, env: { ...env, PYTHONPATH: workers } }),
    go: () => writeFileSync(dir.join('go'), ''),
    hold: () => rmSync(dir.join('go')),
    starting: (generation: number) =>
      eventually(() => expect(existsSync(dir.join(`starting-${generation}`))).toBe(true)),
    ask: () => attemptRequest({ path: dir.join('sock') }, 20_000),
    published: () => publishedGenerations(dir.join('status')),
    [Symbol.dispose]: () => dir[Symbol.dispose](),
  };
}
