import { readdirSync } from 'node:fs';
import { expect } from 'vitest';
import { itOurs } from '../support/ours.ts';
import { describeWhere } from '../support/permitted.ts';
import { withSilentResolver } from '../support/silent-resolver.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const probe = ['unshare', '--mount', '--net', '--map-root-user', 'sh', '-c', 'ip link set lo up'];

describeWhere('a host name that nobody resolves, while the superdaemon starts,', probe, () => {
  itOurs.each([
    ['SIGTERM', 'received TERM, sending QUIT to all workers:'],
    ['SIGINT', 'received INT, sending TERM to all workers:'],
    ['SIGQUIT', 'received QUIT, sending TERM to all workers:'],
  ] as const)('keeps nobody waiting who sends %s', async (signal, line) => {
    using dir = tempDir();
    using files = tempDir();
    const options = ['--signal-on-term=QUIT', `--pid-file=${files.join('pid')}`, `--path=${files.join('s')}`];
    const args = [...options, '--port=slow.example.test:8080', '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { via: withSilentResolver(dir) });
    await superdaemon.waitForLine('asked');
    superdaemon.signal('SIGHUP');
    superdaemon.signal(signal);
    expect(await superdaemon.ended(10_000)).toEqual({ code: 0, signal: null });
    expect(superdaemon.log().trimEnd().split('\n').slice(-2)).toEqual([line, 'exiting']);
    expect(readdirSync(files.path)).toEqual([]);
  });
});
