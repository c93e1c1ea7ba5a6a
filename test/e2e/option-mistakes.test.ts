import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { itOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { tempDir } from '../support/temp-dir.ts';
import { actor } from '../support/workers.ts';

// What is wrong, and what the message has to name.
type Mistake = readonly [words: readonly string[], named: readonly string[]];

const mistakesOfGrammar: readonly Mistake[] = [
  [['--nosuch'], ['nosuch']],
  [['--nosuch=5'], ['nosuch']],
  [['-x'], ['x']],
  [['--no-daemonize'], ['no-daemonize']],
  [['--pid_file=x'], ['pid_file']],
  [['--p=1'], ['p']],
  [['--signal-on=TERM'], ['signal-on']],
  [['--st=x'], ['st']],
  [['--port='], ['port']],
  [['--interval='], ['interval']],
  [['--interval=1.5'], ['interval', '1.5']],
  [['--interval=abc'], ['interval', 'abc']],
  [
    ['--interval', 'abc'],
    ['interval', 'abc'],
  ],
  [['--interval=0x10'], ['interval', '0x10']],
  [['--backlog=many'], ['backlog', 'many']],
  [['--kill-old-delay=soon'], ['kill-old-delay', 'soon']],
  [['--auto-restart-interval=1h'], ['auto-restart-interval', '1h']],
  [['--daemonize=yes'], ['daemonize']],
  [['--help=yes'], ['help']],
];

const mistakesOfMeaning: readonly Mistake[] = [
  [['--port=http'], ['port', 'http']],
  [['--port=80=x'], ['port', '80=x']],
  [['--port=127.0.0.1'], ['port', '127.0.0.1']],
  [['--port=[::1'], ['port', '[::1']],
  [['--port=*:80'], ['*']],
  [['--port=:80'], ['port']],
  [['--port=-1'], ['port', '-1']],
  [['--port=no-such-host.invalid:8080'], ['no-such-host.invalid']],
  [['--port=[::zz]:8080'], ['::zz']],
  [['--daemonize'], ['daemonize', 'log-file']],
];

const expectOneLine = async (words: readonly string[], named: readonly string[]) => {
  const { stderr } = await run([...words, '--', ...actor]);
  const lines = stderr.split('\n').slice(0, -1);
  const told = lines.filter((line) => !/^start_server \(pid:\d+\) starting now\.\.\.$/.test(line));
  expect(told).toHaveLength(1);
  for (const text of named) expect(told[0]).toContain(text);
  expect(stderr).not.toMatch(/\.c?js:\d+|\.ts:\d+|^\s+at |line \d+/m);
};

describe('a mistake on the command line', () => {
  it.each([
    ...mistakesOfGrammar,
    ...mistakesOfMeaning,
  ])('%j: fails, and leaves nothing behind', async (words) => {
    using dir = tempDir();
    const files = ['--path=socket', '--pid-file=pid', '--status-file=status'];
    const result = await run([...files, ...words, '--', ...actor], { cwd: dir.path });
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).not.toBe('');
    expect(result.stdout).toBe('');
    expect(result.leftBehind).toBe(0);
    expect(readdirSync(dir.path)).toEqual([]);
  });

  it.each(mistakesOfGrammar)('%j: is told in one line that names %j', expectOneLine);
  // The reference tells these with a line of its own source, and does not name the option.
  itOurs.each(mistakesOfMeaning)('%j: is told in one line that names %j', expectOneLine);

  it('is told before --help is obeyed', async () => {
    const result = await run(['--help', '--nosuch']);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain('nosuch');
    expect(result.stdout).toBe('');
  });

  it('does not hide another', async () => {
    const result = await run(['--nosuch', '--interval=abc', '--', ...actor]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain('nosuch');
    expect(result.stderr).toContain('abc');
  });
});

describe('a value that is missing', () => {
  it.each([['--port'], ['--interval'], ['--pid-file']])('%s as the last word fails', async (word) => {
    const result = await run([...actor, word]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain(word.slice(2));
    expect(result.leftBehind).toBe(0);
  });
});

describe('a server program that is missing', () => {
  it.each([[[]], [['--']], [['--port=0']], [['--port=0', '--']]])('%j is refused', async (words) => {
    const result = await run(words);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stdout).toBe('');
    expect(result.stderr).toMatch(/^.+\n$/);
    expect(result.leftBehind).toBe(0);
  });
});
