import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { describeOurs, itOurs } from '../support/ours.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

describeOurs('auto restart', () => {
  itOurs('deploys by itself each interval, until the envdir says otherwise', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('env'));
    for (const [name, value] of Object.entries({ ENABLE_AUTO_RESTART: 1, AUTO_RESTART_INTERVAL: 1 })) {
      writeFileSync(dir.join(`env/${name}`), `${value}\n`);
    }
    const notes = transcript(dir);
    const args = ['--interval=0', '--kill-old-delay=0', '--envdir=env', '--', ...actor];
    writeFileSync(dir.join('env/KILL_OLD_DELAY'), '0\n');
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, env: notes.env });
    await superdaemon.waitForLine(/^autorestart triggered \(interval=1\)$/);
    await notes.waitFor('3 started');
    await notes.waitFor('1 TERM');

    rmSync(dir.join('env/ENABLE_AUTO_RESTART'));
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('received HUP');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  itOurs('is forced after twice the interval when an old worker will not go', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { 1: 'deaf' });
    const options = ['--enable-auto-restart', '--auto-restart-interval=2', '--kill-old-delay=0'];
    await using superdaemon = startSuperdaemon(['--interval=0', ...options, '--', ...actor], {
      env: notes.env,
    });
    await superdaemon.waitForLine(/^autorestart triggered \(interval=2\)$/);
    await notes.waitFor('1 TERM');
    await superdaemon.waitForLine(/^autorestart triggered \(forced, interval=2\)$/);
    await notes.waitFor('2 TERM');
    expect(notes.lines().filter((line) => line === '1 TERM')).toHaveLength(1);
  });
});
