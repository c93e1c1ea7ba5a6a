// Real servers, told of their sockets in their own words: two sockets each (uvicorn takes one), deploys under constant load.

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { expectLosesNothing } from '../support/loses-nothing.ts';
import { CLIENTS, deployUnderLoad, expectLosslessDeploys } from '../support/lossless.ts';
import { describePeer } from '../support/peer.ts';
import { tempDir } from '../support/temp-dir.ts';

const file = (name: string) => fileURLToPath(new URL(`../workers/${name}`, import.meta.url));

/** The one that Debian's servers run in; the first along PATH may be another. */
const PYTHON = '/usr/bin/python3';

interface Addresses {
  readonly port: number;
  readonly path: string;
}

/** The server's options, from the sockets that it is to find. */
type Command = (addresses: Addresses) => readonly string[];

/** With a TCP and a Unix socket. */
async function expectLossless(forSuccessor: readonly string[], command: Command): Promise<void> {
  using dir = tempDir();
  const [port, path] = [await freePort(), dir.join('socket')];
  await expectLosslessDeploys({
    options: [...forSuccessor, `--port=127.0.0.1:${port}`, `--path=${path}`],
    command: command({ port, path }),
    targets: [{ port }, { path }],
  });
}

const quit = ['--signal-on-hup=QUIT', '--signal-on-term=QUIT'];

describe.concurrent('deployed under constant load,', () => {
  describePeer('unicorn', ['unicorn'], () => {
    const command = () => ['unicorn', '--env=deployment', file('rack_app.ru')];
    it('loses nothing with --as=unicorn', () => expectLossless(['--as=unicorn', ...quit], command));
    it('loses nothing with --listen-fds', () => expectLossless(['--listen-fds', ...quit], command));
    it('takes each socket once with both', () =>
      expectLossless(['--as=unicorn', '--listen-fds', ...quit], command));
  });

  describePeer('gunicorn', ['gunicorn'], () => {
    const command = () => ['gunicorn', '--workers=2', `--chdir=${file('.')}`, 'wsgi_app:app'];
    it('loses nothing with --as=gunicorn', () => expectLossless(['--as=gunicorn'], command));
    it('loses nothing with --listen-fds', () => expectLossless(['--listen-fds'], command));
    it('that forks two of its own loses nothing in a pool of two, and leaves none behind', () =>
      expectLossless(['--as=gunicorn', '--workers=2'], command));
  });

  describePeer('puma', ['puma'], () => {
    const config = fileURLToPath(new URL('../../examples/puma/puma.rb', import.meta.url));
    const app = [`--config=${config}`, '--threads=0:4', '--environment=production', file('rack_app.ru')];
    const bound: Command = ({ port, path }) => [
      'puma',
      `--bind=tcp://127.0.0.1:${port}`,
      `--bind=unix://${path}`,
      ...app,
    ];
    it('loses nothing with --as=puma', () => expectLossless(['--as=puma'], bound));
    it('loses nothing with --listen-fds', () =>
      expectLossless(['--listen-fds'], () => ['puma', '--bind-to-activated-sockets=only', ...app]));
  });

  describePeer('uvicorn', ['uvicorn'], () => {
    const serve = fileURLToPath(new URL('../../examples/uvicorn/serve.py', import.meta.url));

    it('loses nothing with --as=uvicorn over TCP, when it waits for the requests of those who are connected', async () => {
      const port = await freePort();
      const options = ['--as=uvicorn', `--dir=${file('.')}`, `--port=127.0.0.1:${port}`];
      await expectLosslessDeploys({
        options,
        command: [PYTHON, serve, 'asgi_app:app'],
        targets: [{ port }],
      });
    });

    it('loses nothing with --as=uvicorn over a Unix socket, when it waits for them', async () => {
      using dir = tempDir();
      const path = dir.join('socket');
      const options = ['--as=uvicorn', `--dir=${file('.')}`, `--path=${path}`];
      await expectLosslessDeploys({
        options,
        command: [PYTHON, serve, 'asgi_app:app'],
        targets: [{ path }],
      });
    });

    it('loses nothing in a pool of two, over connections that are kept alive, too', () =>
      expectLosesNothing({
        options: ['--as=uvicorn', '--interval=1', `--dir=${file('.')}`, '--workers=2'],
        command: [PYTHON, serve, 'asgi_app:app'],
        deploys: 3,
        workers: 2,
      }));

    it('as it comes refuses nobody, and loses no more than a retired generation had accepted', async () => {
      const port = await freePort();
      const deploys = 3;
      const options = ['--as=uvicorn', `--port=127.0.0.1:${port}`];
      const command = ['uvicorn', '--no-access-log', `--app-dir=${file('.')}`, 'asgi_app:app'];
      const [report] = await deployUnderLoad({ options, command, targets: [{ port }], deploys });
      const { requests, ok, reset, ...others } = report?.counts ?? { requests: 0, ok: 0, reset: Number.NaN };
      expect(others).toEqual({ refused: 0, failed: 0, timedOut: 0, other: 0 });
      expect(ok + reset).toBe(requests);
      expect(reset).toBeLessThanOrEqual(deploys * CLIENTS);
    });
  });

  describePeer('nginx', ['nginx'], () => {
    it('loses nothing with --as=nginx', () =>
      expectLossless(['--as=nginx', ...quit], ({ port, path }) => [file('nginx.sh'), String(port), path]));
  });
});
