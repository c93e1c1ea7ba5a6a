import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:http2';
import { get as getSecurely } from 'node:https';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';
import { selfSigned } from '../support/certificate.ts';
import { freePort } from '../support/free-port.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const worker = fileURLToPath(new URL('../workers/library.mjs', import.meta.url));

describe('the library makes the servers of Node listen', () => {
  it('http', async () => {
    const { port, ...rest } = await start('http');
    await using _ = rest.superdaemon;
    const [response] = await once(get({ port }), 'response');
    expect(await text(response)).toMatch(/^1 \d+\n$/);
  });

  it('https', async () => {
    using dir = tempDir();
    const certificate = await selfSigned(dir);
    const { port, ...rest } = await start('https', { CERTIFICATE: certificate });
    await using _ = rest.superdaemon;
    const [response] = await once(getSecurely({ port, rejectUnauthorized: false }), 'response');
    expect(await text(response)).toMatch(/^1 \d+\n$/);
  });

  it('http2', async () => {
    const { port, ...rest } = await start('http2');
    await using _ = rest.superdaemon;
    const session = connect(`http://127.0.0.1:${port}`);
    expect(await text(session.request())).toMatch(/^1 \d+\n$/);
    session.close();
  });
});

async function start(kind: string, env: Readonly<Record<string, string>> = {}) {
  const port = await freePort();
  const args = [`--port=127.0.0.1:${port}`, '--', process.execPath, worker, kind];
  const superdaemon = startSuperdaemon(args, { env });
  await superdaemon.waitForLine('listens');
  return { port, superdaemon };
}
