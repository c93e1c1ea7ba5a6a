// Servers that say by themselves when they are ready, as systemd and s6 taught them, without a line of configuration.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startExample } from '../support/example.ts';
import { freePort } from '../support/free-port.ts';
import { describePeer } from '../support/peer.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const file = (name: string) => fileURLToPath(new URL(`../workers/${name}`, import.meta.url));

/** The interval would let nobody count as started within the patience of a test. */
const ready = ['--ready=notify', '--interval=300', '--stop-timeout=10'];

/** Starts it, and sees it current at its own word. */
async function expectReady(start: (options: readonly string[]) => Promise<Superdaemon>): Promise<void> {
  using dir = tempDir();
  const status = dir.join('status');
  await using superdaemon = await start([...ready, `--status-file=${status}`]);
  await eventually(() => expect(readFileSync(status, 'utf8')).toMatch(/^1:\d+\n$/), { withinMs: 60_000 });
  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended(30_000)).toMatchObject({ signal: null });
}

const startWith = async (own: (port: number) => readonly string[]) => {
  const port = await freePort();
  return (options: readonly string[]) =>
    Promise.resolve(startSuperdaemon([...options, `--port=127.0.0.1:${port}`, ...own(port)]));
};

describePeer('gunicorn', ['gunicorn'], () => {
  it('is ready by its own sd_notify', async () => {
    await expectReady(
      await startWith(() => ['--as=gunicorn', '--', 'gunicorn', `--chdir=${file('.')}`, 'wsgi_app:app']),
    );
  });
});

describePeer('puma', ['puma'], () => {
  it('is ready by its own sd_notify', async () => {
    const command = (port: number) => ['puma', `--bind=tcp://127.0.0.1:${port}`, file('rack_app.ru')];
    await expectReady(await startWith((port) => ['--as=puma', '--', ...command(port)]));
  });
});

describePeer('a shell worker', ['systemd-notify'], () => {
  it('is ready by systemd-notify', async () => {
    const worker = 'systemd-notify --ready --status="as ready as can be"; exec sleep 1000';
    await expectReady(await startWith(() => ['--', 'sh', '-c', worker]));
  });
});

describePeer('a Node worker', ['node'], () => {
  it('is ready by one call', async () => {
    const port = await freePort();
    await expectReady((options) =>
      Promise.resolve(startExample('node-http', [...options, `--port=127.0.0.1:${port}`])),
    );
  });
});
