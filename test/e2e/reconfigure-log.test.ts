import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { openDescriptors } from '../support/proc.ts';
import { kill } from '../support/process-tree.ts';
import { program } from '../support/program.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { openTerminal } from '../support/terminal.ts';

const files = ['--interval=0', '--pid-file=pid', '--status-file=status'];
const speaks = ['--', 'sh', '-c', 'echo $SERVER_STARTER_GENERATION speaks; exec sleep 1000'];
const LOG = '--log-file=log';

const change = (dir: TempDir, ...more: string[]) =>
  run(['--upgrade', ...files, ...more, ...speaks], { cwd: dir.path, withinMs: 30_000 });
const text = (dir: TempDir, name: string) => readFileSync(dir.join(name), 'utf8');
const serves = (dir: TempDir) => eventually(() => expect(text(dir, 'status')).toMatch(/^1:\d+\n$/));

describeOurs('a new command line without a log', () => {
  it('goes back to the streams of the start, from a file and from a command, and costs no descriptor', async () => {
    using dir = tempDir();
    await using superdaemon = startSuperdaemon([...files, LOG, ...speaks], { cwd: dir.path });
    await serves(dir);
    const before = await openDescriptors(superdaemon.pid);
    expect(await change(dir)).toMatchObject({ code: 0 });
    await superdaemon.waitForLine('new worker is now running');
    await eventually(() => expect(superdaemon.output()).toBe('2 speaks\n'));
    expect(text(dir, 'log')).not.toContain('2 speaks');
    expect(await change(dir, '--log-file=|cat >> command')).toMatchObject({ code: 0 });
    await eventually(() => expect(text(dir, 'command')).toContain('3 speaks\n'));
    expect(await change(dir)).toMatchObject({ code: 0 });
    await eventually(() => expect(superdaemon.output()).toBe('2 speaks\n4 speaks\n'));
    expect(await change(dir, LOG)).toMatchObject({ code: 0 });
    expect(await run(['--upgrade', '--pid-file=pid'], { cwd: dir.path })).toMatchObject({ code: 0 });
    expect(await openDescriptors(superdaemon.pid)).toBeLessThanOrEqual(before);
    expect(await change(dir)).toMatchObject({ code: 0 });
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.log()).toMatch(/\nexiting\n$/);
  });

  it('is refused where a pipe was the standard error: who reads it was not to wait for us', async () => {
    using dir = tempDir();
    await execa('mkfifo', [dir.join('pipe')]);
    const reader = execa('cat', [dir.join('pipe')]);
    const via = ['sh', '-c', 'exec "$@" 2>pipe', 'sh'];
    await using superdaemon = startSuperdaemon([...files, LOG, ...speaks], { cwd: dir.path, via });
    await serves(dir);
    expect((await reader).stdout).not.toContain('speaks');
    expect(await change(dir)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /--log-file: can change, but not go: the standard error of the start, .*\n$/,
      ),
    });
    expect(text(dir, 'status')).toMatch(/^1:/);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('is refused in a line once the terminal has gone that it would go back to', async () => {
    using dir = tempDir();
    const command = [program, ...files, LOG, ...speaks].map((word) => `'${word}'`).join(' ');
    await using terminal = await openTerminal([100, 30]);
    await terminal.press(`cd ${dir.path} && exec setsid -w ${command}`, 'Enter');
    await serves(dir);
    const superdaemon = Number(text(dir, 'pid'));
    using _ = { [Symbol.dispose]: () => kill(superdaemon) };
    expect(await change(dir)).toMatchObject({ code: 0 });
    await terminal.shows((screen) => expect(screen).toContain('2 speaks'));
    expect(await change(dir, LOG)).toMatchObject({ code: 0 });
    await terminal.close();
    expect(await change(dir)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        '--log-file: can change, but not go: the terminal of the start is gone',
      ),
    });
    expect(await run(['--stop', '--pid-file=pid'], { cwd: dir.path })).toMatchObject({ code: 0 });
  });
});
