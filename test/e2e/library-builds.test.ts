// The library as it is built: an ES module, CommonJS, and types for both.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { installLibrary } from '../support/install-library.ts';
import { attemptRequest } from '../support/request.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const { name } = packageJson;
const root = fileURLToPath(new URL('../..', import.meta.url));
const typedProgram = `
import { createServer, type Server } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import { createSocket, type Socket } from 'node:dgram';
import { listen, ready, retire, type Service, serve, serverPorts } from '${name}';
export const fd: number | undefined = serverPorts().get('8080');
export const server: Promise<Server> = listen(createServer(), process.env.PORT ?? 3000);
export const socket: Promise<Socket> = listen(createSocket('udp4'), { name: '53', fallback: { port: 53 } });
export const told: boolean = ready('warm');
export const service: Service = { name: '80', fallback: 3000, limitMs: 5_000, signals: ['SIGQUIT'] };
export const served: Promise<Server> = serve((request, answer) => answer.end(request.url), service);
export const http2: Promise<Http2Server> = serve(createHttp2Server(), process.env.PORT);
export const gone: Promise<void> = server.then((it) => retire(it, { limitMs: 1_000 }));
// @ts-expect-error a name is text
listen(createServer(), { name: 8080 });
// @ts-expect-error a function is no server
listen(() => {});
`;
const service = `serve((_, answer) => answer.end('generation ' + process.env.SERVER_STARTER_GENERATION));\n`;

it('is typed, for ESM and CommonJS', async () => {
  using dir = tempDir();
  installLibrary(dir);
  for (const name of ['esm.mts', 'common.cts']) writeFileSync(dir.join(name), typedProgram);
  const flags = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', '--types', 'node'];
  const types = ['--typeRoots', `${root}/node_modules/@types`];
  const compiler = `${root}/node_modules/.bin/tsc`;
  const run = execa(compiler, [...flags, ...types, 'esm.mts', 'common.cts'], {
    cwd: dir.path,
    reject: false,
  });
  expect((await run).stdout).toBe('');
});

it.each([
  ['imported', false, 'app.mjs', `import { serve } from '${name}';`],
  ['required', false, 'app.cjs', `const { serve } = require('${name}');`],
  ['bundled as ESM', true, 'app.mjs', `import { serve } from '${name}';`],
])('may be %s', async (_, bundled, program, takesServe) => {
  using dir = tempDir();
  installLibrary(dir);
  writeFileSync(dir.join(program), `${takesServe}\n${service}`);
  if (bundled) await bundle(dir, program);
  const sock = dir.join('sock');
  const worker = dir.join(bundled ? 'bundle.mjs' : program);
  await using superdaemon = startSuperdaemon([`--path=${sock}`, '--', process.execPath, worker]);
  await superdaemon.waitForLine('starting new worker');
  expect(await attemptRequest({ path: sock }, 10_000)).toEqual({ outcome: 'ok', generation: 1 });
});

it.each(['esm', 'cjs'])('is small, and loads nothing of the superdaemon: %s', (build) => {
  const library = readFileSync(`${root}/dist/library/${build}/index.js`, 'utf8');
  expect(library.length).toBeLessThan(14_000);
  const loaded = [...library.matchAll(/\brequire\("(.*?)"\)|^import .*? from "(.*?)"|\bimport\(/gm)];
  const names = new Set(loaded.map(([, required, imported]) => required ?? imported));
  expect([...names].sort()).toEqual(['node:events', 'node:fs', 'node:http', 'node:net', 'node:os']);
});

/** Leaves `bundle.mjs`, and nothing that it could load. */
async function bundle(dir: TempDir, program: string): Promise<void> {
  const args = ['--bundle', '--platform=node', '--format=esm', '--outfile=bundle.mjs', program];
  await execa(`${root}/node_modules/.bin/esbuild`, args, { cwd: dir.path });
  rmSync(dir.join('node_modules'), { recursive: true });
}
