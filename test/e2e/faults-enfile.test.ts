import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { describeWhere } from '../support/permitted.ts';
import { workerPid } from '../support/pids.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

// The machine's table of files is everybody's, and root is above its limit: so the error is put in the kernel's mouth.
describeOurs('when the table of open files of the machine is full', () => {
  describeWhere('(by strace)', ['strace', '-o', '/dev/null', 'true'], () => {
    it('a deploy works, and the status file is made up for once there is room', async () => {
      using dir = tempDir();
      const status = dir.join('status');
      const args = ['--interval=0', `--status-file=${status}`, '--', 'sleep', '1000'];
      await using superdaemon = startSuperdaemon(args);
      const first = await workerPid(superdaemon);
      await eventually(() => expect(readFileSync(status, 'utf8')).toBe(`1:${first}\n`));
      {
        await using _full = await withoutFiles(superdaemon.pid);
        superdaemon.signal('SIGHUP');
        await superdaemon.waitForLine(/^warning: .*status.*file table overflow/);
        await superdaemon.waitForLine(`old worker ${first} died, status:15`);
        expect(readFileSync(status, 'utf8')).toBe(`1:${first}\n`);
      }
      const second = await workerPid(superdaemon, 2);
      await eventually(() => expect(readFileSync(status, 'utf8')).toBe(`2:${second}\n`));
      superdaemon.signal('SIGTERM');
      expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    });
  });
});

/** From now on opening a file fails with ENFILE for this process, until it is disposed of. */
async function withoutFiles(pid: number): Promise<AsyncDisposable> {
  const inject = ['-e', 'trace=open,openat', '-e', 'inject=open,openat:error=ENFILE'];
  const strace = execa('strace', ['-o', '/dev/null', ...inject, '-p', `${pid}`], { reject: false });
  await eventually(() => expect(readFileSync(`/proc/${pid}/status`, 'utf8')).not.toMatch(/TracerPid:\s*0$/m));
  return {
    [Symbol.asyncDispose]: async () => {
      strace.kill('SIGTERM');
      await strace;
    },
  };
}
