import { execa } from 'execa';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { skipsFixes } from '../support/ours.ts';
import { describeWhere } from '../support/permitted.ts';
import { startRevived } from '../support/revived.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor, echoPerl } from '../support/workers.ts';

/** From now on every execve of this process and of those that it starts takes so long, as on a disk that hangs. */
async function delayExecution(pid: number, ms: number): Promise<AsyncDisposable> {
  const delay = `inject=execve:delay_enter=${ms * 1000}`;
  const strace = execa('strace', ['-f', '-p', String(pid), '-e', 'trace=execve', '-e', delay], {
    reject: false,
    buffer: false,
  });
  let said = '';
  strace.stderr.on('data', (text) => {
    said += text;
  });
  await eventually(() => expect(said).toMatch(/attached/));
  return {
    [Symbol.asyncDispose]: async () => {
      strace.kill('SIGINT');
      await strace;
    },
  };
}

describeWhere('a program on a disk that hangs', ['strace', '-o', '/dev/null', 'true'], () => {
  it.skipIf(skipsFixes)('holds up its own worker, not the superdaemon', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const args = ['--interval=0', '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: notes.env });
    await notes.waitFor('1 started');
    {
      await using _slow = await delayExecution(superdaemon.pid, 2_000);
      superdaemon.signal('SIGHUP');
      // It counts as started, for it lives.
      await notes.waitFor('1 TERM');
      expect(notes.lines()).not.toContain('2 started');
      superdaemon.signal('SIGHUP');
      await eventually(() => expect(superdaemon.log().match(/^received HUP/gm)).toHaveLength(2));
      expect(notes.lines()).not.toContain('2 started');
      await notes.waitFor('3 started');
    }
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.processes()).toEqual([]);
    expect(superdaemon.log()).not.toMatch(/internal error|failed/);
  });

  it.skipIf(skipsFixes).each([
    ['and is written down', ['pid']],
    ['and is not written down', []],
  ])('is taken over by the next superdaemon when its own was killed meanwhile %s', async (_, files) => {
    using dir = tempDir();
    const pidFile = files.map((name) => `--pid-file=${dir.join(name)}`);
    const port = `--port=127.0.0.1:${await freePort()}`;
    const args = ['--interval=0', port, ...pidFile, '--', ...echoPerl];
    await using revived = startRevived(args);
    const killed = revived.superdaemon();
    await killed.waitForLine('starting new worker');
    const after = killed.log().length;
    {
      await using _slow = await delayExecution(killed.pid, 500);
      killed.signal('SIGHUP');
      await killed.waitForLine('starting new worker', { after });
      const superdaemon = await revived.kill();
      await superdaemon.waitForLine(/^taking over worker \d+ of generation 2, /);
      await superdaemon.waitForLine('killing old workers');
    }
    await eventually(() => expect(revived.processes()).toHaveLength(2));
  });
});
