import { lstatSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inheritedSockets, inspectCommandLine } from '../support/inspect.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor, inspector } from '../support/workers.ts';

describe('the same option may be spelled', () => {
  it.each([
    [['--port=0']],
    [['--port', '0']],
    [['-port=0']],
    [['-port', '0']],
    [['+port=0']],
    [['+port', '0']],
    [['--PORT=0']],
    [['--Port', '0']],
    [['--po=0']],
    [['--por', '0']],
    [['-po', '0']],
    [['-PO=0']],
  ])('%j', async (words) => {
    const { report } = await inspectCommandLine([...words, '--', ...inspector]);
    expect(inheritedSockets(report)).toMatchObject([{ name: '0' }]);
    expect(report.argv).toEqual([]);
  });

  it.each([
    [['--kill-old-delay=7', '--enable-auto-restart']],
    [['--kill', '7', '--enable']],
    [['-k=+7', '-ena']],
    [['--KILL-OLD=0_7', '--ENABLE-AUTO-RESTART']],
    [['--enable-auto-restart', '--kill-old-delay', '3', '--kill-old-delay', '7']],
  ])('%j, numbers and flags as well', async (words) => {
    const { report } = await inspectCommandLine([...words, '--', ...inspector]);
    expect(report.environment).toMatchObject({ KILL_OLD_DELAY: '7', ENABLE_AUTO_RESTART: '1' });
  });
});

describe('options and the words of the worker', () => {
  it.each([
    { what: 'need no -- between them', words: ['--port=0', ...inspector, 'a', 'b'], argv: ['a', 'b'] },
    { what: 'may be mixed', words: [...inspector, 'a', '--port=0', 'b'], argv: ['a', 'b'] },
    { what: 'may come last', words: [...inspector, '-', 'a', '--port', '0'], argv: ['-', 'a'] },
    {
      what: 'are parted by the first --, which goes; later ones stay',
      words: ['--port=0', ...inspector, 'a', '--', '--port=1', '--', '--help'],
      argv: ['a', '--port=1', '--', '--help'],
    },
  ])('$what', async ({ words, argv }) => {
    const { report } = await inspectCommandLine(words);
    expect(inheritedSockets(report)).toMatchObject([{ name: '0' }]);
    expect(report.argv).toEqual(argv);
  });

  it('are parted by the first word that is no option, with POSIXLY_CORRECT', async () => {
    const words = ['--port=0', ...inspector, 'a', '--port=1', '--', '--help'];
    const { report } = await inspectCommandLine(words, { env: { POSIXLY_CORRECT: '1' } });
    expect(inheritedSockets(report)).toMatchObject([{ name: '0' }]);
    expect(report.argv).toEqual(['a', '--port=1', '--', '--help']);
  });

  it('a text is whatever word follows the option, -- included', async () => {
    using dir = tempDir();
    const words = ['--path', '--', '--path', '--port=1', '--path=a=b', '--', ...inspector];
    const { report } = await inspectCommandLine(words, { cwd: dir.path });
    expect(inheritedSockets(report).map(({ name }) => name)).toEqual(['--', '--port=1', 'a=b']);
    expect(lstatSync(dir.join('--')).isSocket()).toBe(true);
  });
});

describe('--interval', () => {
  it.each(['0', '+0', '00', '0_0'])('takes the number %s', async (number) => {
    using dir = tempDir();
    const notes = transcript(dir);
    await using superdaemon = startSuperdaemon([`--interval=${number}`, '--', ...actor], { env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine('old worker ');
  });
});

describe('--help', () => {
  it.each([
    [['--help']],
    [['-h']],
    [['--HELP']],
    [['--version', '--help']],
    [['--stop', '--help']],
  ])('%j prints the options on standard output and succeeds', async (words) => {
    const result = await run(words);
    expect(result).toMatchObject({ code: 0, stderr: '', leftBehind: 0 });
    for (const option of ['--port', '--path', '--restart', '--status-file', '--signal-on-hup']) {
      expect(result.stdout).toContain(option);
    }
  });
});

describe('--version', () => {
  it.each([
    [['--version']],
    [['-v']],
    [['--stop', '--version']],
    [['--restart', '--version']],
  ])('%j prints a version on standard output and succeeds', async (words) => {
    const result = await run(words);
    expect(result).toMatchObject({ code: 0, stderr: '', leftBehind: 0 });
    expect(result.stdout).toMatch(/\d+\.\d+/);
  });
});
