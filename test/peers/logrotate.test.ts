// The recipe of docs/operate.md, as it stands there, but for the paths; run by Debian's logrotate.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { pageAt } from '../support/documents.ts';
import { eventually } from '../support/eventually.ts';
import { describePeer } from '../support/peer.ts';
import { program } from '../support/program.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const LOGROTATE = '/usr/sbin/logrotate';

describePeer('logrotate, by the recipe', [LOGROTATE], () => {
  it('puts the log aside, and superdaemon and workers write to a new one', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const recipe =
      /^```\n(\/var\/log\/app\.log \{\n.*?^\})\n```$/ms.exec(pageAt('docs/operate.md').text)?.[1] ?? '';
    const config = recipe
      .replace('start-server', program)
      .replace('/var/log/app.log', dir.join('app.log'))
      .replaceAll('/run/app', dir.join('app'));
    // The directory is nobody's but ours.
    writeFileSync(dir.join('logrotate.conf'), `${config}\n`, { mode: 0o644 });
    const says = [
      'sh',
      '-c',
      'trap "exit 0" TERM; echo "worker $SERVER_STARTER_GENERATION"; sleep 1000 & wait',
    ];
    const files = ['--pid-file=app.pid', '--status-file=app.status', '--log-file=app.log'];
    await using superdaemon = startSuperdaemon(['--interval=0', ...files, '--', ...says], { cwd });
    await eventually(() => expect(readFileSync(dir.join('app.status'), 'utf8')).toMatch(/^1:/));

    const words = ['--force', '--state', dir.join('state'), dir.join('logrotate.conf')];
    const { exitCode, all } = await execa(LOGROTATE, words, { cwd, all: true, reject: false });
    expect({ exitCode, all }).toEqual({ exitCode: 0, all: '' });

    const [rotated, log] = ['app.log.1', 'app.log'].map((name) => readFileSync(dir.join(name), 'utf8'));
    expect(rotated).toMatch(/^worker 1$/m);
    expect(log).toMatch(/^received USR1, reopened the log file\n/);
    expect(log).toMatch(/^worker 2$/m);
    expect(log).toMatch(/^old worker \d+ died, status:0$/m);
    expect(rotated).not.toMatch(/^worker 2$/m);
    expect(existsSync(dir.join('app.log.2'))).toBe(false);
    expect(superdaemon.processes().length).toBeGreaterThan(0);
  });
});
