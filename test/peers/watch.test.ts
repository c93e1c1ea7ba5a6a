// --status --watch in a real terminal.
import { existsSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { describePeer } from '../support/peer.ts';
import { program } from '../support/program.ts';
import { run } from '../support/run.ts';
import { masked, screensOf } from '../support/screens.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';

const files = ['--pid-file=pid', '--status-file=status'];
const pool = (workers: number) => [`--workers=${workers}`, `--start-at-once=${workers}`];
const sleeper = ['--', 'sleep', '1000'];

async function serving(dir: TempDir, args: readonly string[]) {
  const superdaemon = startSuperdaemon(['--interval=0', ...args, ...files, ...sleeper], { cwd: dir.path });
  await eventually(() => expect(existsSync(dir.join('status'))).toBe(true));
  return superdaemon;
}

/** As a person types it, from the directory of the pid file. */
async function type(terminal: Terminal, dir: TempDir, words: string): Promise<void> {
  await terminal.press(
    `cd ${dir.path}; ${program} --status --pid-file=pid ${words}; echo "status $?"`,
    'Enter',
  );
}

describePeer('--status --watch in a terminal', ['tmux'], () => {
  it('follows what happens in place, fits the screen as it is resized, and gives it back at q', async () => {
    using dir = tempDir();
    await using superdaemon = await serving(dir, [...pool(5), '--path=socket']);
    await using terminal = await openTerminal([100, 30]);
    await type(terminal, dir, '--watch=0.2');
    const whole = await terminal.shows((screen) => expect(screen).toMatch(/\n--path=socket +0 +\d+/));
    expect(whole.split('\n')[0]).toMatch(/^[-\d]+ [:\d]+, every 0.2 s; q ends it$/);
    expect(whole.match(/ current /g)).toHaveLength(5);
    expect(whole).not.toContain('--watch');

    await terminal.resize(40, 11);
    const small = await terminal.shows((screen) => expect(screen).toMatch(/^… 2 more$/m));
    expect(small).toMatch(/^SOCKET +QUEUE +LIMIT\n--path=socket /m);
    expect(small.split('\n').every((line) => line.length <= 40)).toBe(true);

    await terminal.resize(100, 30);
    superdaemon.signal('SIGTTIN');
    await terminal.shows((screen) => expect(screen.match(/ current /g)).toHaveLength(6));

    await terminal.press('q');
    const after = await terminal.shows((screen) => expect(screen).toMatch(/^status 0$/m));
    expect(after).toContain('--watch=0.2');
    expect(after).not.toContain('q ends it');
    await terminal.press('stty -a | grep -ow -e "-*icanon" -e "-*echo"', 'Enter');
    await terminal.shows((screen) => expect(screen).toMatch(/^icanon\necho$|^echo\nicanon$/m));
  });

  it('ends at Ctrl-C, and can be stopped by Ctrl-Z and taken up again', async () => {
    using dir = tempDir();
    await using _superdaemon = await serving(dir, []);
    await using terminal = await openTerminal([80, 20]);
    await type(terminal, dir, '--watch');
    await terminal.shows((screen) => expect(screen).toMatch(/^superdaemon .*: serving$/m));
    await terminal.press('C-z');
    await terminal.shows((screen) => expect(screen).toMatch(/Stopped/));
    await terminal.press('fg', 'Enter');
    await terminal.shows((screen) => expect(screen).toMatch(/^superdaemon .*: serving$/m));
    await terminal.press('C-c');
    await terminal.shows((screen) => expect(screen).toMatch(/^\$ fg$/m));
  });

  it('gives the screen back and says why when the superdaemon ends', async () => {
    using dir = tempDir();
    await using superdaemon = await serving(dir, []);
    await using terminal = await openTerminal([120, 20]);
    await type(terminal, dir, '--watch=0.2');
    await terminal.shows((screen) => expect(screen).toMatch(/: serving$/m));
    superdaemon.signal('SIGTERM');
    const shown = await terminal.shows((screen) => expect(screen).toMatch(/^status 3$/m));
    expect(shown).toMatch(/^start-server: --pid-file=pid: .*no superdaemon is running$/m);
  });

  it.each([
    ['is coloured', {}, true],
    ['is not where NO_COLOR is set', { NO_COLOR: '1' }, false],
  ])('%s', async (_what, env, coloured) => {
    using dir = tempDir();
    await using _superdaemon = await serving(dir, []);
    await using terminal = await openTerminal([80, 20], env);
    await type(terminal, dir, '--watch');
    await terminal.shows((screen) => expect(screen).toMatch(/: serving$/m));
    expect((await terminal.colours()).includes('\u001b[32m')).toBe(coloured);
  });

  it('in a pipe is one table behind the other, without colour or control characters', async () => {
    using dir = tempDir();
    await using _superdaemon = await serving(dir, []);
    await using terminal = await openTerminal([100, 30]);
    await type(terminal, dir, '--watch=0.2 | head -4 | cat -v');
    const shown = await terminal.shows((screen) => expect(screen).toMatch(/^status 0$/m));
    expect(shown).toMatch(/^[-\d]+ [:\d]+\nsuperdaemon \d+, version .*: serving\nlog: .*\nGENERATION .*$/m);
    expect(shown).not.toContain('^[');
  });

  it('shows of 200 workers as many as there is room for, and how many more there are', async () => {
    using dir = tempDir();
    await using _superdaemon = await serving(dir, [...pool(200), '--path=socket']);
    await eventually(async () =>
      expect((await run(['--status', ...files], { cwd: dir.path })).stdout.match(/ current /g)).toHaveLength(
        200,
      ),
    );
    await using terminal = await openTerminal([100, 40]);
    await type(terminal, dir, '--watch=0.2');
    const shown = await terminal.shows((screen) => expect(screen).toMatch(/^… \d+ more$/m));
    const more = Number(/^… (\d+) more$/m.exec(shown)?.[1]);
    expect(more + (shown.match(/ current /g) ?? []).length).toBe(200);
    expect(shown.trimEnd().split('\n').length).toBe(40);
    expect(shown).toMatch(/^--path=socket +0 +\d+$/m);
  });

  it('is what docs/operate.md shows', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('server.mjs'), 'setInterval(() => {}, 1e6);');
    const port = `--port=${await freePort()}`;
    const args = [...pool(16), port, '--interval=0', '--log-file=app.log', '--pid-file=app.pid'];
    await using superdaemon = startSuperdaemon([...args, '--', 'node', 'server.mjs'], { cwd: dir.path });
    await using terminal = await openTerminal([100, 10]);
    const command = '--status --watch --pid-file=app.pid';
    await terminal.press(`cd ${dir.path}; ${program} ${command}`, 'Enter');
    const [promised] = screensOf('docs/operate.md', `start-server ${command}`);
    await terminal.shows((screen) => expect(masked(screen, dir.path)).toBe(promised));
    expect(superdaemon.processes().length).toBeGreaterThan(16);
  });
});
