import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execaSync } from 'execa';
import { describe, expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { itOurs, skipsFixes } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { echoPerl } from '../support/workers.ts';

const mountNamespace = ['unshare', '--mount', '--map-root-user'];

const becomes = (file: string, content: string) =>
  eventually(() => expect(readFileSync(file, 'utf8')).toBe(content));

describe('a status file that cannot be written', () => {
  itOurs('because its directory has gone harms no deploy', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('run'));
    const status = dir.join('run/status');
    const path = dir.join('socket');
    const args = ['--interval=0', `--status-file=${status}`, `--path=${path}`, '--', ...echoPerl];
    await using superdaemon = startSuperdaemon(args);
    await eventually(() => expect(existsSync(status)).toBe(true));
    const first = await ask({ path });
    rmSync(dir.join('run'), { recursive: true });

    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(`old worker ${first.pid} died, status:0`);
    expect(await ask({ path })).toMatchObject({ generation: 2 });
    expect(superdaemon.log()).toContain(status);

    mkdirSync(dir.join('run'));
    superdaemon.signal('SIGHUP');
    await becomes(status, `3:${await workerPid(superdaemon, 3)}\n`);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(existsSync(status)).toBe(false);
  });

  it.skipIf(skipsFixes || !canMount())('because the disk is full keeps its last good content', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('small'));
    // A disk of three pages, one for the note of the workers, in a mount namespace of the superdaemon's own.
    const via = [
      ...mountNamespace,
      'sh',
      '-c',
      'mount -t tmpfs -o size=12k none "$0"; exec "$@"',
      dir.join('small'),
    ];
    const args = ['--interval=0', `--status-file=${dir.join('small/status')}`, '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { via });
    const small = `/proc/${superdaemon.pid}/root${dir.join('small')}`;
    const content = `1:${await workerPid(superdaemon)}\n`;
    await becomes(`${small}/status`, content);
    writeFileSync(`${small}/filler`, 'x'.repeat(4096));

    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^old worker \d+ died, status:15$/);
    expect(readFileSync(`${small}/status`, 'utf8')).toBe(content);
    rmSync(`${small}/filler`);
    superdaemon.signal('SIGHUP');
    await becomes(`${small}/status`, `3:${await workerPid(superdaemon, 3)}\n`);
  });

  itOurs('does not lead anywhere else through a link at its temporary name', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('victim'), 'precious');
    const via = ['sh', '-c', 'ln -s victim "status.$$"; exec "$@"', 'sh'];
    const args = ['--interval=0', '--status-file=status', '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, via });
    await eventually(() =>
      expect(readFileSync(dir.join('status'), 'utf8')).toBe(
        `1:${/(?<=worker )\d+/.exec(superdaemon.log())}\n`,
      ),
    );
    expect(readFileSync(dir.join('victim'), 'utf8')).toBe('precious');
  });
});

function canMount(): boolean {
  const [command = '', ...words] = mountNamespace;
  return (
    execaSync({ reject: false })(command, [...words, 'mount', '-t', 'tmpfs', 'none', '/mnt']).exitCode === 0
  );
}
