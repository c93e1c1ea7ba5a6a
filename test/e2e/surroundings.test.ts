import { mkdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { inspect } from '../support/inspect.ts';
import { itLaunched, itOurs, skipsFixes } from '../support/ours.ts';
import { releases } from '../support/release.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { actor } from '../support/workers.ts';

describe("a worker's surroundings", () => {
  it('are those of its caller: directory, umask', async () => {
    using dir = tempDir();
    const via = ['sh', '-c', 'umask 027; exec "$@"', 'sh'];
    const { report } = await inspect([], { cwd: dir.path, via });
    expect(report).toMatchObject({ cwd: dir.path, umask: 0o027 });
  });

  itLaunched('are those of its caller: soft limit of open files', async () => {
    const { report } = await inspect([], { via: ['sh', '-c', 'ulimit -S -n 777; exec "$@"', 'sh'] });
    expect(report.openFiles).toBe(777);
  });

  itLaunched(
    'are no limit of the superdaemon, which goes up to the hard one once its worker has been started',
    async () => {
      const via = ['sh', '-c', 'ulimit -S -n 60; exec "$@"', 'sh'];
      await using superdaemon = startSuperdaemon(['--', 'sleep', '1000'], { via });
      const line = await superdaemon.waitForLine('starting new worker ');
      const limits = (pid: number) =>
        /^Max open files +(\d+) +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.slice(1);
      const [soft, hard] = limits(Number(line.split(' ').at(-1))) ?? [];
      expect(soft).toBe('60');
      await eventually(() => expect(limits(superdaemon.pid)).toEqual([hard, hard]));
    },
  );

  it('are those of its caller: hard limit of open files', async () => {
    const { report } = await inspect([], { via: ['sh', '-c', 'ulimit -n 777; exec "$@"', 'sh'] });
    expect(report.openFiles).toBe(777);
  });

  it('are the process group and the session of the superdaemon, its parent', async () => {
    const { pid, report } = await inspect([]);
    expect(report).toMatchObject({ ppid: pid, processGroup: pid, session: pid });
  });

  it('stay as they are with --path, which needs another umask for a moment', async () => {
    using dir = tempDir();
    const via = ['sh', '-c', 'umask 027; exec "$@"', 'sh'];
    const { report } = await inspect([`--path=${dir.join('s')}`], { via });
    expect(report.umask).toBe(0o027);
  });

  it('include the directory that --dir names', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('inner'));
    const { report } = await inspect(['--dir=inner'], { cwd: dir.path });
    expect(report.cwd).toBe(dir.join('inner'));
  });

  itOurs('cannot include a directory that is not there: the start is refused', async () => {
    using dir = tempDir();
    const result = await run([`--dir=${dir.join('missing')}`, '--', ...actor]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain(dir.join('missing'));
    expect(result.leftBehind).toBe(0);
  });
});

/** Another release of ours is executed. */
const itReleased = skipsFixes ? it.skip : itLaunched;

describe('a C library that knows of no working directories', () => {
  itReleased('is enough, for --dir too', async () => {
    using dir = tempDir();
    const own = releases(dir);
    own.install('spoilt', (bundle) =>
      bundle.replaceAll('posix_spawn_file_actions_addchdir_np', 'no_such_call'),
    );
    const via = ['sh', '-c', 'shift; exec "$0" "$@"', own.program];
    const { report } = await inspect(['--dir=/tmp'], { via });
    expect(report.cwd).toBe('/tmp');
  });
});

describe("a worker's signals", () => {
  it('are at their defaults and not blocked, but PIPE is ignored', async () => {
    const { report } = await inspect([]);
    expect(report).toMatchObject({ blocked: [], ignored: ['PIPE'] });
  });

  itLaunched('stay ignored where the caller ignores them', async () => {
    const via = ['perl', '-e', '$SIG{$_} = "IGNORE" for qw(QUIT USR1 USR2 WINCH IO); exec @ARGV'];
    const { report } = await inspect([], { via });
    expect(report.ignored).toEqual(['QUIT', 'USR1', 'USR2', 'PIPE', 'WINCH', 'IO']);
  });

  it('are at their defaults where the superdaemon itself obeys them, ignored by the caller (nohup) or not', async () => {
    const via = ['perl', '-e', '$SIG{$_} = "IGNORE" for qw(HUP INT TERM); exec @ARGV'];
    const { report } = await inspect([], { via });
    expect(report.ignored).toEqual(['PIPE']);
  });

  itLaunched('stay blocked where the caller blocks them', async () => {
    const block = 'sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGUSR1, SIGUSR2, SIGQUIT)); exec @ARGV';
    const { report } = await inspect([], { via: ['perl', '-MPOSIX', '-e', block] });
    expect(report.blocked).toEqual(['QUIT', 'USR1', 'USR2']);
  });
});
