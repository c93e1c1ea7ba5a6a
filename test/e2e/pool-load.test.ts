// Whatever happens to a pool of workers under constant load: nobody who asks notices.

import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';
import { skipsFixes } from '../support/ours.ts';
import { describePeer } from '../support/peer.ts';
import { losesNothing } from '../support/pool-under-load.ts';
import { rounds } from '../support/rounds.ts';

const from = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const perl = ['perl', from('test/workers/http-perl.pl')];
const node = [process.execPath, from('examples/node-http/server.mjs')];
const uvicorn = [
  'sh',
  '-c',
  'cd "$0" && exec env UVICORN_FD="$(echo "$SERVER_STARTER_PORT" | sed "s/.*=//")" /usr/bin/python3 "$1" asgi_app:app',
  from('test/workers'),
  from('examples/uvicorn/serve.py'),
];

const what = '4 workers under constant load, through 20 deploys, deaths, scalings and take-overs';

describe.skipIf(skipsFixes).concurrent(what, { timeout: 420_000 }, () => {
  it('of Node lose nothing over TCP and a Unix socket, with new and kept connections', () =>
    losesNothing({ command: node, over: ['TCP', 'Unix'], keepAlive: true, tells: true }));
  it('of blocking Perl lose nothing over TCP', () => losesNothing({ command: perl, over: ['TCP'] }));
  it('of blocking Perl lose nothing over a Unix socket', () =>
    losesNothing({ command: perl, over: ['Unix'] }));
  // With Perl, and with Node, it is over both each time.
  const transports = rounds(2) > 1 ? (['TCP', 'Unix'] as const) : (['TCP'] as const);
  describePeer('uvicorn', ['uvicorn'], () => {
    it.each(transports)('as workers lose nothing over %s', (transport) =>
      losesNothing({ command: uvicorn, over: [transport], tells: true }));
  });
});
