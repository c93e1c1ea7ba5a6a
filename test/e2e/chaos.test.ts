import { fileURLToPath } from 'node:url';
import { describe, it, vi } from 'vitest';
import { chaosSeed } from '../support/chaos.ts';
import { clients, endure } from '../support/endure.ts';
import { freePort } from '../support/free-port.ts';
import { skipsFixes } from '../support/ours.ts';
import { tempDir } from '../support/temp-dir.ts';

const file = (name: string) => fileURLToPath(new URL(`../workers/${name}`, import.meta.url));
const perl = ['perl', file('http-perl.pl')];
const node = [process.execPath, file('http-node.mjs')];

// All of them: half of their time nothing happens.
vi.setConfig({ maxConcurrency: 10 });

describe.skipIf(skipsFixes).concurrent(`chaos of CHAOS_SEED=${chaosSeed} under constant load`, () => {
  describe('with HUPs, bursts of them, stopped workers and bad releases', () => {
    it('loses nothing of a blocking Perl worker over TCP', () => endurePerl('TCP', false));
    it('loses nothing of a blocking Perl worker over a Unix socket', () => endurePerl('Unix', false));
    it('loses nothing of a Node worker over both', () => endureNode(false));
    it('loses nothing of one that tells when it is ready', () => endureNode(false, true));
    it('loses nothing of a pool of blocking Perl workers, which is scaled and fails in one slot', () =>
      endurePool(false));
  });

  describe('with SIGKILL of old and current workers as well', () => {
    it('loses no more than a killed Perl worker held, over TCP', () => endurePerl('TCP', true));
    it('loses no more than a killed Perl worker held, over a Unix socket', () => endurePerl('Unix', true));
    it('loses no more than a killed Node worker held, over both', () => endureNode(true));
    it('loses no more than a killed one held that tells when it is ready', () => endureNode(true, true));
    it('loses no more than killed Perl workers of a pool held', () => endurePool(true));
  });
});

/** Each has one connection at a time. */
async function endurePool(kills: boolean): Promise<void> {
  const port = await freePort();
  const listener = { options: [`--port=127.0.0.1:${port}`, '--backoff=1'], targets: [{ port }] };
  await endure({ ...listener, command: perl, holds: 1, kills, pool: { workers: 3, startAtOnce: 2 } });
}

/** It has one listener, and one connection at a time. */
async function endurePerl(transport: 'TCP' | 'Unix', kills: boolean): Promise<void> {
  using dir = tempDir();
  const [port, path] = [await freePort(), dir.join('sock')];
  const listener =
    transport === 'TCP'
      ? { options: [`--port=127.0.0.1:${port}`], targets: [{ port }] }
      : { options: [`--path=${path}`], targets: [{ path }] };
  await endure({ ...listener, command: perl, holds: 1, kills });
}

/** It takes whatever comes, so all the clients may be in its hands. */
async function endureNode(kills: boolean, tells = false): Promise<void> {
  using dir = tempDir();
  const [port, path] = [await freePort(), dir.join('sock')];
  const options = [`--port=127.0.0.1:${port}`, `--path=${path}`];
  await endure({ options, targets: [{ port }, { path }], command: node, holds: 2 * clients, kills, tells });
}
