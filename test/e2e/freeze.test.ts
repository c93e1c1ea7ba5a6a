// --freeze: a crash between two releases brings nothing of the next one in.

import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const files = ['--pid-file=pid', '--status-file=status'];
const client = (...words: string[]) => [...words, '--quiet', ...files];
const frozen = ['--freeze', '--dir=current', '--envdir=env', '--interval=0', ...files];
const worker = [
  '--',
  'sh',
  '-c',
  'echo "$SERVER_STARTER_GENERATION $PWD $COLOUR" >>../../seen; exec sleep 1000',
];

/** A release, and the link to it exchanged as deploy tools do. */
function release(dir: TempDir, name: string, colour: string): void {
  mkdirSync(dir.join(`releases/${name}`), { recursive: true });
  mkdirSync(dir.join('env'), { recursive: true });
  writeFileSync(dir.join('env/COLOUR'), colour);
  symlinkSync(`releases/${name}`, dir.join('next'));
  renameSync(dir.join('next'), dir.join('current'));
}

const seen = (dir: TempDir) => readFileSync(dir.join('seen'), 'utf8').trimEnd().split('\n');
const pidOf = (dir: TempDir) => Number(/:(\d+)\n$/.exec(readFileSync(dir.join('status'), 'utf8'))?.[1]);

describeOurs('--freeze', () => {
  it.each([
    ['with one worker', []],
    ['with several', ['--workers=2']],
  ])('keeps the release of a deploy for its replacements, over an upgrade too, %s', async (_what, pool) => {
    using dir = tempDir();
    release(dir, 'one', 'red');
    await using superdaemon = startSuperdaemon([...frozen, ...pool, ...worker], { cwd: dir.path });
    const count = pool.length + 1;
    const one = `${dir.join('releases/one')} red`;
    await eventually(() => expect(seen(dir)).toEqual(Array(count).fill(`1 ${one}`)));
    await eventually(() => pidOf(dir));
    await superdaemon.waitForLine(
      `generation 1 is frozen: directory ${dir.join('releases/one')}, 1 variables of the envdir`,
    );

    release(dir, 'two', 'blue');
    process.kill(pidOf(dir), 'SIGKILL');
    await eventually(() => expect(seen(dir)[count]).toMatch(new RegExp(`^[12] ${one}$`)));
    await eventually(() =>
      expect(readFileSync(dir.join('status'), 'utf8').trimEnd().split('\n')).toHaveLength(count),
    );
    expect(await run(client('--upgrade'), { cwd: dir.path, withinMs: 30_000 })).toMatchObject({ code: 0 });
    process.kill(pidOf(dir), 'SIGKILL');
    await eventually(() => expect(seen(dir)[count + 1]).toMatch(new RegExp(`^[123] ${one}$`)));
    const { stdout } = await run(['--status', '--json', ...files], { cwd: dir.path });
    expect(JSON.parse(stdout).workers.at(-1)).toMatchObject({ directory: dir.join('releases/one') });

    expect(await run(client('--restart'), { cwd: dir.path, withinMs: 30_000 })).toMatchObject({ code: 0 });
    expect(seen(dir).at(-1)).toMatch(new RegExp(`^\\d ${dir.join('releases/two')} blue$`));
  });

  it('has the check look at the same release', async () => {
    using dir = tempDir();
    release(dir, 'one', 'red');
    const check = `--check=echo "$PWD $COLOUR" >&2`;
    await using superdaemon = startSuperdaemon([...frozen, check, ...worker], { cwd: dir.path });
    await superdaemon.waitForLine(`check: ${dir.join('releases/one')} red`);
  });

  it('tries on while the directory is not there, and takes the one that comes', async () => {
    using dir = tempDir();
    release(dir, 'one', 'red');
    await using superdaemon = startSuperdaemon([...frozen, ...worker], { cwd: dir.path });
    await eventually(() => pidOf(dir));
    rmSync(dir.join('current'));
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('failed to start a new worker: --dir=current: ');
    expect(seen(dir)).toHaveLength(1);
    release(dir, 'two', 'blue');
    await eventually(() => expect(seen(dir)[1]).toMatch(/releases\/two blue$/));
  });

  it('is refused where there is nothing to freeze', async () => {
    const { code, stderr, leftBehind } = await run(['--freeze', '--', 'true']);
    expect({ code, stderr, leftBehind }).toEqual({
      code: 1,
      stderr: 'start-server: --freeze: needs --dir or --envdir\n',
      leftBehind: 0,
    });
  });

  it('is shown by --dry-run', async () => {
    using dir = tempDir();
    release(dir, 'one', 'red');
    const { stdout } = await run(['--dry-run', ...frozen, '--', 'true'], { cwd: dir.path });
    expect(stdout).toContain(`\nfrozen:       ${dir.join('releases/one')}, for all workers of a deploy\n`);
  });
});
