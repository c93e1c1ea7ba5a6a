import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { execaSync } from 'execa';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { openDescriptors } from '../support/proc.ts';
import { type Superdaemon, startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

/** Says at its start which generation it is, and again on each USR2. */
const speaker = [
  'perl',
  '-e',
  `$| = 1; my $me = "generation $ENV{SERVER_STARTER_GENERATION}";
  $SIG{USR2} = sub { print "$me again\\n" }; print "$me\\n"; select undef, undef, undef, 0.02 while 1`,
];

describeOurs('USR1', () => {
  it('opens the log anew after a rename, for our lines and for later workers', async () => {
    using dir = tempDir();
    await using superdaemon = startSuperdaemon(['--interval=0', '--log-file=log', '--', ...speaker], {
      cwd: dir.path,
    });
    await begins(dir);
    renameSync(dir.join('log'), dir.join('log.1'));
    superdaemon.signal('SIGUSR1');
    await says(dir, 'log', 'received USR1');
    process.kill(workerIn(dir, 'log.1'), 'SIGUSR2');
    await says(dir, 'log.1', 'generation 1 again\n');

    superdaemon.signal('SIGHUP');
    await says(dir, 'log', 'generation 2\n');
    await says(dir, 'log', 'old worker');
    const old = contents(dir, 'log.1');
    await stop(superdaemon);
    expect(contents(dir, 'log')).toMatch(/\nexiting\n$/);
    expect(contents(dir, 'log.1')).toBe(old);
    expect(old).not.toMatch(/HUP|generation 2/);
    expect(contents(dir, 'log')).not.toContain('generation 1');
  });

  it('appends to a log that somebody else has made meanwhile, and comes as often as it likes', async () => {
    using dir = tempDir();
    await using superdaemon = startSuperdaemon(['--log-file=log', '--', ...speaker], { cwd: dir.path });
    await begins(dir);
    const descriptors = await openDescriptors(superdaemon.pid);
    for (let round = 1; round <= 20; round += 1) {
      renameSync(dir.join('log'), dir.join(`log.${round}`));
      writeFileSync(dir.join('log'), `made in round ${round}\n`);
      superdaemon.signal('SIGUSR1');
      await says(dir, 'log', `made in round ${round}\nreceived USR1`);
    }
    await eventually(async () => expect(await openDescriptors(superdaemon.pid)).toBe(descriptors));
    await stop(superdaemon);
    expect(contents(dir, 'log.20')).toBe('made in round 19\nreceived USR1, reopened the log file\n');
  });

  it.each([
    ['a directory', (path: string) => mkdirSync(path)],
    ['a link to nowhere', (path: string) => symlinkSync('missing/file', path)],
    ['a named pipe without a reader', (path: string) => execaSync('mkfifo', [path])],
  ])('warns in the old log and goes on there when %s is in the way', async (_what, obstruct) => {
    using dir = tempDir();
    await using superdaemon = startSuperdaemon(['--interval=0', '--log-file=log', '--', ...speaker], {
      cwd: dir.path,
    });
    await begins(dir);
    renameSync(dir.join('log'), dir.join('log.1'));
    obstruct(dir.join('log'));
    superdaemon.signal('SIGUSR1');
    await says(dir, 'log.1', 'warning: --log-file=log: cannot open');
    superdaemon.signal('SIGHUP');
    await says(dir, 'log.1', 'generation 2\n');
    await stop(superdaemon);
    expect(contents(dir, 'log.1')).toMatch(/\nexiting\n$/);
  });
});

describeOurs('USR1 where there is no file to reopen', () => {
  it('does nothing and says nothing without --log-file', async () => {
    await using superdaemon = startSuperdaemon(['--interval=0', '--', 'sleep', '1000']);
    await superdaemon.waitForLine('starting new worker');
    superdaemon.signal('SIGUSR1');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('old worker');
    superdaemon.signal('SIGUSR1');
    await stop(superdaemon);
    expect(superdaemon.log()).not.toMatch(/USR1|warning/);
  });

  it('does nothing and says nothing with a log command', async () => {
    using dir = tempDir();
    const args = ['--interval=0', '--log-file=| cat > log', '--', ...speaker];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await begins(dir);
    superdaemon.signal('SIGUSR1');
    superdaemon.signal('SIGHUP');
    await says(dir, 'log', 'old worker');
    await says(dir, 'log', 'generation 2\n');
    superdaemon.signal('SIGUSR1');
    await stop(superdaemon);
    await says(dir, 'log', '\nexiting\n');
    expect(contents(dir, 'log')).not.toMatch(/USR1|warning/);
    expect(superdaemon.log()).not.toMatch(/USR1|warning/);
  });
});

async function stop(superdaemon: Superdaemon): Promise<void> {
  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
}

/** Our line and the worker's are there, in whichever order. */
async function begins(dir: TempDir): Promise<void> {
  await says(dir, 'log', 'generation 1\n');
  await eventually(() => expect(contents(dir, 'log')).toMatch(/^starting new worker \d+$/m));
}

function says(dir: TempDir, name: string, text: string): Promise<void> {
  return eventually(() => expect(contents(dir, name)).toContain(text));
}

function contents(dir: TempDir, name: string): string {
  return readFileSync(dir.join(name), 'utf8');
}

function workerIn(dir: TempDir, name: string): number {
  return Number(/^starting new worker (\d+)$/m.exec(contents(dir, name))?.[1]);
}
