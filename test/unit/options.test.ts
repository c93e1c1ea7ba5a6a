import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/command-line/options.ts';
import type { StartOptions } from '../../src/command-line/start-options.ts';
import { platform } from '../../src/posix/libc/platform.ts';
import { StartupError } from '../../src/startup-error.ts';

const parse = (...words: string[]) => parseOptions({ words, posixlyCorrect: false });

function start(...words: string[]): StartOptions {
  const invocation = parse(...words, '--', 'server', '-v');
  if (invocation.kind !== 'start') throw new Error(`is ${invocation.kind}`);
  return invocation.options;
}

function errorOf(...words: string[]): string {
  try {
    parse(...words);
  } catch (error) {
    if (error instanceof StartupError) return error.message;
    throw error;
  }
  throw new Error('is accepted');
}

describe('a command line', () => {
  it('without options gets the reference’s defaults', () => {
    expect(start()).toMatchObject({
      sockets: [],
      backlog: platform.SOMAXCONN,
      command: ['server', '-v'],
      directory: undefined,
      listenFds: false,
      server: undefined,
      intervalMs: 1000,
      signalOnHup: 'SIGTERM',
      signalOnTerm: 'SIGTERM',
      pidFile: undefined,
      statusFile: undefined,
      envdir: undefined,
      daemonize: false,
      exported: new Map(),
    });
  });

  it('binds every port before every path, each in the order given', () => {
    const { sockets } = start('--path=b', '--port=2', '--path', 'a', '--port', '127.0.0.1:1');
    expect(sockets.map(({ name }) => name)).toEqual(['2', '127.0.0.1:1', 'b', 'a']);
  });

  it('takes the last of an option that is given twice', () => {
    expect(start('--interval=1', '--interval=2', '--dir=a', '--dir=b')).toMatchObject({
      intervalMs: 2000,
      directory: 'b',
    });
  });

  it('forgets the option when the last of it is empty', () => {
    const words = ['--log-file=log', '--log-file', '', '--signal-on-hup=QUIT', '--signal-on-hup', ''];
    expect(start(...words)).toMatchObject({ log: { kind: 'standard-error' }, signalOnHup: 'SIGTERM' });
  });

  it('exports what an envdir may change', () => {
    const words = ['--envdir=e', '--enable-auto-restart', '--kill-old-delay=3', '--auto-restart-interval=9'];
    expect(start(...words).exported).toEqual(
      new Map([
        ['ENVDIR', 'e'],
        ['ENABLE_AUTO_RESTART', '1'],
        ['KILL_OLD_DELAY', '3'],
        ['AUTO_RESTART_INTERVAL', '9'],
      ]),
    );
  });

  it.each([
    ['+0', 0],
    ['1_0', 10_000],
    ['007', 7000],
    ['0', 0],
  ])('reads the number %s as Perl does', (text, intervalMs) => {
    expect(start(`--interval=${text}`).intervalMs).toBe(intervalMs);
  });

  it('takes a backlog of 0 for the default', () => {
    expect(start('--backlog=0').backlog).toBe(platform.SOMAXCONN);
    expect(start('--backlog=7').backlog).toBe(7);
  });

  it('takes the ways to hand sockets over, and leaves the reference its prefixes', () => {
    expect(start('--listen-fds', '--as=puma')).toMatchObject({ listenFds: true, server: 'puma' });
    const short = start('--l=app.log', '--a=5');
    expect(short).toMatchObject({ log: { path: 'app.log' }, listenFds: false, server: undefined });
    expect(short.exported.get('AUTO_RESTART_INTERVAL')).toBe('5');
  });

  it('takes hooks for events by their names, or for all of them', () => {
    const words = [
      '--on-event=worker-died,given-up:mail $PID',
      '--on-event=log: it',
      '--on-event=curl http://x',
    ];
    expect(() => start(...words)).toThrow('--on-event=log: it: no event log');
    expect(start(words[0] ?? '', words[2] ?? '').hooks).toEqual([
      { names: ['worker-died', 'given-up'], command: 'mail $PID' },
      { names: undefined, command: 'curl http://x' },
    ]);
  });

  it('cannot be changed any more', () => {
    expect(Object.isFrozen(start())).toBe(true);
  });
});

describe('an option that is wrong', () => {
  it.each([
    ['--interval=1.5', 'not a whole number of seconds'],
    ['--interval=-1', 'not a whole number of seconds'],
    ['--interval=0x1', 'not a whole number of seconds'],
    ['--interval=1s', 'not a whole number of seconds'],
    ['--interval=2147483648', 'too large'],
    ['--kill-old-delay=x', 'not a whole number of seconds'],
    ['--auto-restart-interval= 1', 'not a whole number of seconds'],
    ['--backlog=many', 'not a whole number of connections'],
    ['--signal-on-hup=FOO', 'no such signal'],
    ['--signal-on-term=0', 'no such signal'],
    ['--signal-on-term=65', 'no such signal'],
    ['--port=http', 'not a port'],
    ['--port=65536', 'at most 65535'],
    ['--path=a;b', 'semicolon'],
    ['--log-file=|', 'no command'],
    ['--max-memory=much', 'not a size'],
    ['--max-memory=5X', 'not a size'],
    ['--max-age=old', 'not a number of seconds'],
    ['--watchdog=-1', 'not a number of seconds'],
    ['--on-event=exiting:', 'no command'],
    ['--on-event=worker-dyed:mail', 'no event worker-dyed, worker-died is one'],
    ['--on-event=exiting,hook-failed:mail', 'hooks do not hear of hook-failed'],
  ])('%s is named in its error: %s', (word, why) => {
    const [line, ...others] = errorOf(word, 'server').split('\n');
    expect(others).toEqual([]);
    expect(line?.startsWith(`${word}: `)).toBe(true);
    expect(line).toContain(why);
  });

  it.each([
    ['--daemonize', '--daemonize: needs --log-file'],
    ['--restart', '--restart: needs --pid-file'],
    ['--status', '--status: needs --pid-file'],
    ['--stop', '--stop: needs --pid-file'],
    ['--upgrade', '--upgrade: needs --pid-file'],
  ])('%s misses another', (word, line) => {
    expect(errorOf(word)).toBe(line);
  });

  const ours = ['--status', '--upgrade', '--dry-run', '--completion=bash'];
  const commands = [...ours, '--restart', '--stop'];
  const pairs = ours.flatMap((one, index) => commands.slice(index + 1).map((other) => [one, other] as const));
  it.each(pairs)('is refused where two commands come together: %s %s', (one, other) => {
    const line = `${one.split('=')[0]}: not together with ${other.split('=')[0]}`;
    const files = ['--pid-file=p', '--status-file=s'];
    expect(errorOf(one, other, ...files)).toBe(line);
    expect(errorOf(other, one, ...files, '--', 'server')).toBe(line);
  });

  it('is refused where it belongs to another command', () => {
    expect(errorOf('--cancel', '--json', '--stop', '--pid-file=p')).toBe(
      '--json: needs --status\n--cancel: needs --restart',
    );
  });

  it('does not hide the others', () => {
    const lines = errorOf('--interval=x', '--nope', '--port=y', '--signal-on-hup=Z').split('\n');
    expect(lines.map((line) => line.split(/[=:]/)[0])).toEqual([
      '--nope',
      '--interval',
      '--port',
      '--signal-on-hup',
    ]);
  });

  it('is reported even beside --help', () => {
    expect(errorOf('--help', '--interval=x')).toContain('--interval=x');
  });
});

describe('what a command line asks for', () => {
  it('is help before version, version before restart, restart before stop, stop before a start', () => {
    const files = ['--pid-file=p', '--status-file=s'];
    const all = ['--help', '--version', '--restart', '--stop', 'server'];
    const kinds = all.map((_, index) => parse(...files, ...all.slice(index)).kind);
    expect(kinds).toEqual(['print', 'print', 'restart', 'stop', 'start']);
    expect(parse('--help', '--version')).toEqual({
      kind: 'print',
      text: expect.stringContaining('Usage: start-server'),
    });
    expect(parse('--version')).toEqual({ kind: 'print', text: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  });

  it.each([
    [['--restart', '--port=80', '--stop', '--', 'server'], '--restart ignores --port, --stop, the command'],
    [['--restart', '--cancel', '--signal-on-hup=QUIT'], '--restart ignores --signal-on-hup'],
    [['--stop', '--daemonize', 'server'], '--stop ignores --daemonize, the command'],
    [['--restart', '--no-wait-old', '--wait-timeout=5'], undefined],
    [['--restart', '--quiet', '--port=80'], undefined],
  ])('is told apart from what means nothing to a client: %j', (words, ignored) => {
    expect(parse('--pid-file=p', '--status-file=s', ...words)).toMatchObject({ ignored });
  });

  it('needs a command to start', () => {
    for (const words of [[], ['--port=80'], ['--port=80', '--']]) {
      expect(errorOf(...words)).toMatch(/^server program not specified: put .*--help$/);
    }
    expect(errorOf('--status', 'app.pid')).toMatch(
      /^server program not specified: .*--status --pid-file=FILE/,
    );
    expect(errorOf('--reload', '--', 'server')).toBe('--reload: no such option; did you mean --restart?');
  });

  it('is told where a worker finds its sockets, by --help', () => {
    const help = parse('--help');
    expect(help.kind === 'print' && help.text).toContain('SERVER_STARTER_PORT');
  });

  it('is explained in lines of at most 100 columns', () => {
    const help = parse('--help=all');
    const lines = help.kind === 'print' ? help.text.split('\n') : [];
    expect(lines.length).toBeGreaterThan(30);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  });
});
