// --max-old: workers that never go do not pile up over many deploys.

import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const files = ['--pid-file=pid', '--status-file=status'];
const deaf = ['--', 'sh', '-c', 'trap "" TERM; echo >&$NOTIFY_FD; while :; do sleep 1000; done'];

describeOurs('--max-old', () => {
  it('ends the oldest by KILL, and says so', async () => {
    using dir = tempDir();
    const options = ['--max-old=2', '--ready=notify', '--interval=0', ...files];
    await using superdaemon = startSuperdaemon([...options, ...deaf], { cwd: dir.path });
    const deploy = async () => {
      const words = ['--restart', '--quiet', '--no-wait-old', ...files];
      expect(await run(words, { cwd: dir.path, withinMs: 30_000 })).toMatchObject({ code: 0, stderr: '' });
    };
    const generations = async () => {
      const { stdout } = await run(['--status', '--json', ...files], { cwd: dir.path });
      const { workers } = JSON.parse(stdout);
      return workers.map(({ generation }: { generation: number }) => generation);
    };
    await superdaemon.waitForLine('starting new worker');
    for (let count = 0; count < 5; count += 1) await deploy();
    await eventually(async () => expect(await generations()).toEqual([4, 5, 6]));
    expect(
      superdaemon.log().match(/^warning: more than 2 old workers have not gone, sending KILL/gm),
    ).toHaveLength(3);
    superdaemon.signal('SIGTERM');
    for (const pid of superdaemon.processes()) if (pid !== superdaemon.pid) process.kill(pid, 'SIGKILL');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('is asked for with a number, or refused in one line', async () => {
    for (const text of ['0', '-1', 'x', '1.5']) {
      const { code, stderr } = await run([`--max-old=${text}`, '--', 'true']);
      const refusal = `start-server: --max-old=${text}: not a number from 1 to 1024\n`;
      expect({ code, stderr }).toEqual({ code: 1, stderr: refusal });
    }
  });

  it('is shown by --dry-run', async () => {
    const { stdout } = await run(['--dry-run', '--max-old=3', '--', 'true']);
    expect(stdout).toContain('\nold workers:  at most 3 on their way out\n');
  });
});
