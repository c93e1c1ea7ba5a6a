import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { maskedLog } from '../support/masked-log.ts';
import { itOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor, echoPerl } from '../support/workers.ts';

const stopped = { code: 0, signal: null };

describe('Ctrl-C, a signal to the whole process group,', () => {
  it('ends the superdaemon cleanly, and its workers, which get the signal too', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], { env: notes.env });
    await notes.waitFor('1 started');
    process.kill(-superdaemon.pid, 'SIGINT');
    expect(await superdaemon.ended()).toEqual(stopped);
    expect(notes.lines()).toContain('1 INT');
    // Whether it has started another meanwhile is open: on a busy machine the kernel may hand it the signal behind SIGCHLD,
    // which came later, each in a thread of its own.
    expect(superdaemon.log()).toMatch(/\nexiting\n$/);
    expect(superdaemon.processes()).toEqual([]);
  });

  it('during a deploy leaves no worker behind', async () => {
    using dir = tempDir();
    const notes = transcript(dir, { 1: 'deaf' });
    await using superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], { env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await notes.waitFor('1 TERM');
    await notes.waitFor('2 started');
    process.kill(-superdaemon.pid, 'SIGINT');
    await notes.waitFor('1 INT');
    await notes.waitFor('2 INT');
    process.kill(await workerPid(superdaemon), 'SIGKILL');
    expect(await superdaemon.ended()).toEqual(stopped);
    expect(superdaemon.processes()).toEqual([]);
    expect(maskedLog(superdaemon).at(-1)).toBe('exiting');
  });
});

describe('a hang-up', () => {
  itOurs('that the whole process group gets ends in a new worker that serves', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = startSuperdaemon(['--interval=0', '--', ...actor], { env: notes.env });
    await notes.waitFor('1 started');
    process.kill(-superdaemon.pid, 'SIGHUP');
    await superdaemon.waitForLine(/worker \d+ .*status:0/);
    await eventually(() => expect(notes.lines().some((line) => /^[2-9] started$/.test(line))).toBe(true));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual(stopped);
    expect(notes.lines()).toContain('1 HUP');
    expect(superdaemon.processes()).toEqual([]);
  });

  itOurs.each([[[]], [['--log-file=log']]])(
    'of the terminal that it was started on, and may write to, neither ends it nor stops its service %j',
    async (log) => {
      using dir = tempDir();
      const [path, pidFile] = [dir.join('socket'), dir.join('pid')];
      const args = ['--interval=0', `--path=${path}`, `--pid-file=${pidFile}`, ...log, '--', ...echoPerl];
      await using terminal = startSuperdaemon(args, { cwd: dir.path, via: onTerminal });
      const first = await eventually(() => ask({ path }));
      const pid = Number(readFileSync(pidFile, 'utf8'));
      expect(pid).not.toBe(terminal.pid);
      // The terminal's other side: the kernel sends HUP to the superdaemon, whose writes fail from now on.
      terminal.signal('SIGKILL');
      await terminal.exit;
      const second = await eventually(async () => {
        const reply = await ask({ path });
        expect(reply.generation).toBeGreaterThan(first.generation);
        return reply;
      });
      await eventually(() => expect(terminal.processes().sort()).toEqual([pid, second.pid].sort()));
      process.kill(second.pid, 'SIGKILL');
      await eventually(async () =>
        expect((await ask({ path })).generation).toBeGreaterThan(second.generation),
      );
      process.kill(pid, 'SIGTERM');
      await eventually(() => expect(terminal.processes()).toEqual([]));
      expect(() => readFileSync(pidFile)).toThrow('ENOENT');
      if (log.length === 0) return;
      expect(readFileSync(dir.join('log'), 'utf8').match(/^.*the terminal is gone.*$/gm)).toEqual([
        'warning: the terminal is gone, going on',
      ]);
    },
  );
});

/** Runs a command, whose words hold nothing special to a shell, on a terminal of its own. */
const onTerminal = ['sh', '-c', 'exec script -qec "exec $*" /dev/null', 'sh'];
