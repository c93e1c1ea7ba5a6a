// The same under pm2 as in pool-peers.test.ts. It is the benchmark's: npm ci --prefix bench/pm2 --ignore-scripts.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startPm2 } from '../../bench/pm2.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startLoad } from '../support/load.ts';
import { describePeer } from '../support/peer.ts';
import { tempDir } from '../support/temp-dir.ts';

const pm2 = fileURLToPath(new URL('../../bench/pm2/node_modules/pm2/bin/pm2', import.meta.url));
const app = `const { existsSync } = require('node:fs');
if (existsSync(__dirname + '/broken')) throw new Error('broken release');
const body = 'generation 1\\n';
require('node:http')
  .createServer((_request, response) => response.setHeader('Content-Length', body.length).end(body))
  .listen(process.env.PORT, '127.0.0.1');
`;

describePeer('pm2', [pm2], () => {
  it('takes a release that cannot start for a success, and loses requests by it', async () => {
    using dir = tempDir();
    const port = await freePort();
    writeFileSync(dir.join('app.cjs'), app);
    await using pool = await startPm2({
      script: dir.join('app.cjs'),
      workers: 4,
      env: { PORT: String(port) },
    });
    await using load = startLoad({ target: { port }, pauseMs: 5, timeoutMs: 1_500 });
    await eventually(() => expect(load.generations().size).toBe(1), { withinMs: 20_000 });
    writeFileSync(dir.join('broken'), '');
    // It would reject if the command said that it had failed.
    await pool.reload();
    await eventually(
      () => {
        const { counts } = load.report();
        expect(counts.requests - counts.ok).toBeGreaterThan(20);
      },
      { withinMs: 60_000 },
    );
    const { counts } = await load.stop();
    process.stdout.write(
      `pm2: ${counts.requests - counts.ok} of ${counts.requests} requests lost, exit status 0\n`,
    );
  });
});
