import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { filesBesideTheNote } from '../support/note-of-workers.ts';
import { itOurs } from '../support/ours.ts';
import { printed } from '../support/pids.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { actor, echoPerl, printer } from '../support/workers.ts';

/** Whether somebody else holds the flock of a file. */
async function isLocked(file: string): Promise<boolean> {
  const script = 'use Fcntl ":flock"; open my $f, "+<", $ARGV[0] or die; exit !flock $f, LOCK_EX | LOCK_NB';
  const { exitCode } = await execa({ reject: false })('perl', ['-e', script, file]);
  return exitCode === 1;
}

describe('the pid file', () => {
  it('holds the pid and a newline, and a lock, until the end, and is removed then', async () => {
    using dir = tempDir();
    const file = dir.join('pid');
    const args = ['--interval=0', `--pid-file=${file}`, '--', ...printer];
    await using superdaemon = startSuperdaemon(args);
    await printed(superdaemon);
    expect(readFileSync(file, 'utf8')).toBe(`${superdaemon.pid}\n`);
    expect(await isLocked(file)).toBe(true);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(readdirSync(dir.path)).toEqual([]);
  });

  it('stays locked through a deploy', async () => {
    using dir = tempDir();
    const file = dir.join('pid');
    await using superdaemon = startSuperdaemon(['--interval=0', `--pid-file=${file}`, '--', ...printer]);
    await printed(superdaemon);
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^old worker \d+ died, status:15$/);
    expect(await isLocked(file)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(`${superdaemon.pid}\n`);
  });

  it('of a killed superdaemon is unlocked, although its worker lives, and is taken over', async () => {
    using dir = tempDir();
    const file = dir.join('pid');
    const path = dir.join('socket');
    const args = ['--interval=0', `--pid-file=${file}`, `--path=${path}`, '--', ...echoPerl];
    await using killed = startSuperdaemon(args);
    await killed.waitForLine('starting new worker ');
    const orphan = await ask({ path });
    killed.signal('SIGKILL');
    await killed.ended();
    expect(killed.processes()).toEqual([orphan.pid]);
    expect(readFileSync(file, 'utf8')).toBe(`${killed.pid}\n`);
    expect(await isLocked(file)).toBe(false);

    await using superdaemon = startSuperdaemon(args);
    await superdaemon.waitForLine('starting new worker ');
    expect(readFileSync(file, 'utf8')).toBe(`${superdaemon.pid}\n`);
    expect(await isLocked(file)).toBe(true);
  });

  it('of whatever content is taken over when nobody holds its lock', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('pid'), 'a longer text than a pid, of several\nlines\n');
    const args = ['--interval=0', `--pid-file=${dir.join('pid')}`, '--', ...printer];
    await using superdaemon = startSuperdaemon(args);
    await superdaemon.waitForLine('starting new worker ');
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${superdaemon.pid}\n`);
  });

  it('may have a relative name, which --dir does not concern', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('inner'));
    const args = ['--interval=0', '--pid-file=pid', '--dir=inner', '--', ...printer];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await superdaemon.waitForLine('starting new worker ');
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${superdaemon.pid}\n`);
  });

  itOurs('of a live superdaemon is left alone by a second one, which names it and ends', async () => {
    using dir = tempDir();
    const args = [`--pid-file=${dir.join('pid')}`, `--path=${dir.join('second')}`, '--', ...actor];
    await using first = startSuperdaemon([
      '--interval=0',
      `--pid-file=${dir.join('pid')}`,
      '--',
      'sleep',
      '1000',
    ]);
    await first.waitForLine('starting new worker ');
    const second = await run(args);
    expect(second.code).toBeGreaterThan(0);
    expect(second.stderr).toContain(String(first.pid));
    expect(second.stderr).toContain(dir.join('pid'));
    expect(second.leftBehind).toBe(0);
    expect(filesBesideTheNote(dir)).toEqual(['pid']);
    expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${first.pid}\n`);
    expect(await isLocked(dir.join('pid'))).toBe(true);
  });

  itOurs('that somebody else has put in its place is not removed', async () => {
    using dir = tempDir();
    const file = dir.join('pid');
    await using superdaemon = startSuperdaemon(['--interval=0', `--pid-file=${file}`, '--', ...printer]);
    await printed(superdaemon);
    writeFileSync(dir.join('theirs'), '1\n');
    renameSync(dir.join('theirs'), file);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(readFileSync(file, 'utf8')).toBe('1\n');
  });

  it('that cannot be made ends the start with an error that names it, and leaves nothing behind', async () => {
    using dir = tempDir();
    const file = dir.join('missing/pid');
    const result = await run([`--pid-file=${file}`, `--path=${dir.join('socket')}`, '--', ...actor]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain(file);
    expect(result.leftBehind).toBe(0);
    expect(readdirSync(dir.path)).toEqual([]);
  });

  itOurs('that is a FIFO is refused, not waited for', async () => {
    using dir = tempDir();
    await execa('mkfifo', [dir.join('fifo')]);
    const result = await run([`--pid-file=${dir.join('fifo')}`, '--', ...actor]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain(dir.join('fifo'));
    expect(result.leftBehind).toBe(0);
  });

  it('that is gone already is no reason to fail at the end', async () => {
    using dir = tempDir();
    const file = dir.join('pid');
    await using superdaemon = startSuperdaemon(['--interval=0', `--pid-file=${file}`, '--', ...printer]);
    await printed(superdaemon);
    renameSync(file, dir.join('elsewhere'));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(existsSync(file)).toBe(false);
  });
});
