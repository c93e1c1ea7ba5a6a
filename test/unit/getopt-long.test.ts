import { describe, expect, it } from 'vitest';
import { getoptLong } from '../../src/command-line/getopt-long.ts';

const NAMES = [
  { name: 'port', takesValue: true },
  { name: 'interval', takesValue: true },
  { name: 'restart', takesValue: false },
  { name: 'signal-on-hup', takesValue: true },
  { name: 'signal-on-term', takesValue: true },
  { name: 'stop', takesValue: false },
  { name: 'stop-slowly', takesValue: false },
].map((each) => ({ ...each, ofReference: true }));

const read = (...words: string[]) => getoptLong(words, NAMES, false);

describe('an option', () => {
  it.each([
    ['--port=80'],
    ['--port', '80'],
    ['-port=80'],
    ['-port', '80'],
    ['+port=80'],
    ['--PORT=80'],
    ['--Po', '80'],
    ['-p', '80'],
  ])('may be spelled %s %s', (...words) => {
    expect(read(...words)).toEqual({ options: ['--port=80'], command: [], errors: [] });
  });

  it('keeps all of its value: =, spaces, newlines, dashes', () => {
    expect(read('--port==a=b', '--port', '--', '--int', '-x', '--port=a\nb').options).toEqual([
      '--port==a=b',
      '--port=--',
      '--interval=-x',
      '--port=a\nb',
    ]);
  });

  it('is the one that is spelled out, though longer ones begin so', () => {
    expect(read('--stop').options).toEqual(['--stop']);
  });

  it('counts after the first word of the command, too, up to --', () => {
    expect(read('server', '--port', '80', 'a', '--', '--int=1', '--', 'b')).toEqual({
      options: ['--port=80'],
      command: ['server', 'a', '--int=1', '--', 'b'],
      errors: [],
    });
  });

  it('is the worker’s behind the first word when POSIXLY_CORRECT is set', () => {
    expect(getoptLong(['--port=80', 'server', '--port', '81'], NAMES, true)).toEqual({
      options: ['--port=80'],
      command: ['server', '--port', '81'],
      errors: [],
    });
  });
});

describe('an option that the reference does not know', () => {
  const ours = [...NAMES, { name: 'port-of-call', takesValue: true, ofReference: false }];

  it('never makes a prefix of the reference’s ambiguous', () => {
    expect(getoptLong(['--po=80'], ours, false).options).toEqual(['--port=80']);
  });

  it('may be cut to a prefix of its own', () => {
    expect(getoptLong(['--port-of=x'], ours, false).options).toEqual(['--port-of-call=x']);
  });
});

describe('a flag of ours that is the beginning of an option of the reference', () => {
  const names = [
    ...NAMES,
    { name: 'status-file', takesValue: true, ofReference: true },
    { name: 'status', takesValue: false, ofReference: false },
    { name: 'json', takesValue: false, ofReference: false },
  ];

  it.each([
    [['--status=f'], ['--status-file=f']],
    [['--status', 'f'], ['--status-file=f']],
    [['--STATUS', 'f'], ['--status-file=f']],
    [['-status', 'f'], ['--status-file=f']],
    [['+status=f'], ['--status-file=f']],
    [['--status=-f'], ['--status-file=-f']],
    [['--status', ''], ['--status-file=']],
    [['--status', '-'], ['--status-file=-']],
    [['--status', '+json'], ['--status-file=+json']],
    [['--stat=f'], ['--status-file=f']],
    [['--stat', 'f'], ['--status-file=f']],
    [['--stat', '--json'], ['--status-file=--json']],
    [['--status-file', '--json'], ['--status-file=--json']],
    [
      ['--status-f=f', '--status'],
      ['--status-file=f', '--status'],
    ],
  ])('%j is the reference’s where a value is given: %j', (words, options) => {
    expect(getoptLong(words, names, false)).toEqual({ options, command: [], errors: [] });
  });

  it.each([
    [['--status'], ['--status']],
    [['-status'], ['--status']],
    [
      ['--status', '--json'],
      ['--status', '--json'],
    ],
    [
      ['--json', '--status'],
      ['--json', '--status'],
    ],
    [
      ['--status', '-port', '80'],
      ['--status', '--port=80'],
    ],
    [['--status', '--'], ['--status']],
  ])('%j is ours where nothing follows, or a dash: %j', (words, options) => {
    expect(getoptLong(words, names, false)).toEqual({ options, command: [], errors: [] });
  });

  it('lacks its value when there is nothing behind the =', () => {
    expect(getoptLong(['--status='], names, false).errors).toEqual(['--status-file: needs a value']);
  });

  it('is ours alone where POSIXLY_CORRECT allows no prefix', () => {
    expect(getoptLong(['--status', 'f'], names, true)).toMatchObject({
      options: ['--status'],
      command: ['f'],
    });
    expect(getoptLong(['--status=f'], names, true).errors).toEqual(['--status=f: --status takes no value']);
  });
});

describe('POSIXLY_CORRECT', () => {
  it('takes whole names only, and no plus', () => {
    expect(getoptLong(['--int=1'], NAMES, true).errors).toEqual(['--int=1: no such option']);
    expect(getoptLong(['+port=80', 'x'], NAMES, true).command).toEqual(['+port=80', 'x']);
  });
});

describe('a word that looks like an option', () => {
  it.each(['-', '', '80', 'a-b', 'a=b'])('but is %j belongs to the command', (word) => {
    expect(read(word)).toEqual({ options: [], command: [word], errors: [] });
  });

  it.each([
    ['--nope', '--nope: no such option'],
    ['--nope=1', '--nope=1: no such option'],
    ['--no-restart', '--no-restart: no such option; did you mean --restart?'],
    ['--signal_on_hup=1', '--signal_on_hup=1: no such option; did you mean --signal-on-hup?'],
    ['--prot=80', '--prot=80: no such option; did you mean --port?'],
    ['--x', '--x: no such option'],
    ['--signal=INT', '--signal=INT: ambiguous: --signal-on-hup, --signal-on-term'],
    ['--restart=1', '--restart=1: --restart takes no value'],
    ['--port', '--port: needs a value'],
    ['--port=', '--port: needs a value'],
  ])('%s is an error: %s', (word, error) => {
    expect(read(word)).toEqual({ options: [], command: [], errors: [error] });
  });

  it('is reported with all others that are wrong', () => {
    expect(read('--x', '--y=1', '--interval').errors).toHaveLength(3);
  });
});
