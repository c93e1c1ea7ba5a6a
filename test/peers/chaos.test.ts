import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';
import { chaosSeed } from '../support/chaos.ts';
import { clients, endure } from '../support/endure.ts';
import { freePort } from '../support/free-port.ts';
import { describePeer } from '../support/peer.ts';
import type { PoolSize } from '../support/pool-observer.ts';
import { tempDir } from '../support/temp-dir.ts';

const file = (name: string) => fileURLToPath(new URL(`../workers/${name}`, import.meta.url));

const starlet = [
  'plackup',
  '--server=Starlet',
  '--env=deployment',
  `--max-workers=${clients}`,
  file('app.psgi'),
];

// Its sockets as from a gunicorn before it, so that it leaves the socket file alone when it goes.
const gunicorn = [
  'sh',
  '-c',
  `export GUNICORN_PID=$PPID GUNICORN_FD=$(echo "$SERVER_STARTER_PORT" | sed 's/[^;]*=//g; s/;/,/g')
  exec gunicorn --workers=2 --chdir="$0" wsgi_app:app`,
  file('.'),
];

describe.concurrent(`chaos of CHAOS_SEED=${chaosSeed} under constant load`, () => {
  describePeer('Starlet', ['plackup'], () => {
    it('loses nothing over TCP, as long as nobody is killed', () => endureStarlet(false));
    it('loses no more than a killed generation held, over TCP', () => endureStarlet(true));
  });

  describePeer('gunicorn', ['gunicorn'], () => {
    it('loses nothing over TCP and a Unix socket, as long as nobody is killed', () => endureGunicorn(false));
    it('loses no more than a killed generation held, over TCP and a Unix socket', () => endureGunicorn(true));
    it('loses nothing in a pool, which is scaled and fails in one slot, as long as nobody is killed', () =>
      endureGunicorn(false, { workers: 2, startAtOnce: 2 }));
  });
});

async function endureStarlet(kills: boolean): Promise<void> {
  const port = await freePort();
  const options = [`--port=127.0.0.1:${port}`];
  await endure({ options, targets: [{ port }], command: starlet, holds: clients, kills });
}

async function endureGunicorn(kills: boolean, pool?: PoolSize): Promise<void> {
  using dir = tempDir();
  const [port, path] = [await freePort(), dir.join('sock')];
  const options = ['--interval=2', `--port=127.0.0.1:${port}`, `--path=${path}`];
  await endure({
    ...{ options, targets: [{ port }, { path }], command: gunicorn, holds: 2, kills },
    ...(pool && { pool }),
  });
}
