// Programs for Node, the library's and those that are shown to people, deployed while clients come with new connections and
// others stay on theirs.

import { symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { codeIn } from '../support/code-in.ts';
import { deploy } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startHttp2Load } from '../support/http2-load.ts';
import { installLibrary } from '../support/install-library.ts';
import { DEPLOYS, expectLosesNothing } from '../support/loses-nothing.ts';
import { expectRightAnswers } from '../support/right-answers.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const clients = 4;
const file = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const shown = {
  'the first program of the README': () => heredoc(codeIn('README.md', 'See it', 'sh')),
  'the first program of the page on Node': () =>
    saysGeneration(codeIn('docs/node.md', 'By the library', 'js')),
  'the program of the page on frameworks': () =>
    saysGeneration(codeIn('docs/frameworks.md', 'By the library', 'js')),
};

const http2Program = `
import { createServer } from 'node:http2';
import { serve } from '${packageJson.name}';
await serve(createServer((_, answer) => answer.end('generation ' + process.env.SERVER_STARTER_GENERATION)));
`;

// Generations follow each other as quickly as they start.
const saysReady = ['--ready=notify', '--interval=0'];
const saysNothing = ['--interval=0'];

describe.concurrent(`loses no request on a new or kept-alive connection in ${DEPLOYS} deploys, and lets no client hold the old generation:`, () => {
  for (const [name, code] of Object.entries(shown)) {
    const pace = name.includes('README') ? ['--as=node', ...saysReady] : saysReady;
    it(name, async () => {
      using dir = tempDir();
      installLibrary(dir);
      symlinkSync(file('node_modules/express'), dir.join('node_modules/express'));
      writeFileSync(dir.join('app.mjs'), code());
      await losesNothing(dir.join('app.mjs'), pace);
    });
  }

  it.each([
    ['examples/node-http/server.mjs', saysReady],
    ['examples/node-express/server.mjs', saysReady],
    ['examples/systemd/server.mjs', saysReady],
    ['examples/container/server.mjs', saysNothing],
    ['test/workers/http-node.mjs', saysReady],
  ])('%s', (name, pace) => losesNothing(file(name), pace));

  it('serve(), over a Unix socket', () => losesNothing(file('examples/demo/worker.mjs'), saysReady, 'Unix'));
  it('retire(), over a Unix socket', () =>
    losesNothing(file('examples/node-http/server.mjs'), saysReady, 'Unix'));
});

it(`loses no request of an http2 client that heeds GOAWAY, in ${DEPLOYS} deploys`, async () => {
  using dir = tempDir();
  installLibrary(dir);
  writeFileSync(dir.join('app.mjs'), http2Program);
  const [port, statusFile] = [await freePort(), dir.join('status')];
  const options = [`--port=127.0.0.1:${port}`, `--status-file=${statusFile}`, ...saysReady];
  const args = [...options, '--', process.execPath, dir.join('app.mjs')];
  await using superdaemon = startSuperdaemon(args, { recorded: true });
  await superdaemon.waitForLine('starting new worker');
  await using load = startHttp2Load(port, clients);
  for (let generation = 1; generation <= DEPLOYS + 1; generation += 1) {
    if (generation > 1) await deploy({ superdaemon, statusFile, loads: [] });
    await eventually(() => expect(load.generations()).toContain(generation));
  }
  expect(await load.stop()).toEqual([]);
  expect([...load.generations()]).toHaveLength(DEPLOYS + 1);
  expectRightAnswers(superdaemon, [load]);
});

async function losesNothing(
  program: string,
  options: readonly string[],
  transport: 'TCP' | 'Unix' = 'TCP',
): Promise<void> {
  await expectLosesNothing({ options, command: [process.execPath, program], transport });
}

function saysGeneration(code: string): string {
  return code.replace("'hello\\n'", "'generation ' + process.env.SERVER_STARTER_GENERATION");
}

function heredoc(script: string): string {
  const code = /<<'JS'\n(.*?)^JS$/ms.exec(script)?.[1];
  if (code === undefined) throw new Error('the README’s demo writes no program');
  return code;
}
