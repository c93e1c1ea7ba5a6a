import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { tempDir } from '../support/temp-dir.ts';

describeOurs('--fd-store', () => {
  it('is refused where no service manager is, and tried without one', async () => {
    using dir = tempDir();
    const args = ['--fd-store', '--path=sock', '--', 'true'];
    expect(await run(args, { cwd: dir.path })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^start-server: --fd-store: no service manager is there/),
    });
    expect(existsSync(dir.join('sock'))).toBe(false);
    expect(await run(['--dry-run', ...args], { cwd: dir.path })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('fd store:     the service manager keeps the sockets'),
    });
  });
});
