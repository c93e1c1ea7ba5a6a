import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const sleeper = ['--', 'sleep', '1000'];
const json = ['--log-format=json', '--interval=0'];

function eventsIn(text: string): Record<string, unknown>[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line));
}

async function seen(log: () => string, event: string): Promise<Record<string, unknown>> {
  return eventually(() => {
    const found = eventsIn(log()).find((each) => each.event === event);
    if (found === undefined) throw new Error(`no ${event} in\n${log()}`);
    return found;
  });
}

describeOurs('--log-format=json', () => {
  it('tells a deploy and a stop in objects, a line each, the first one too', async () => {
    await using superdaemon = startSuperdaemon([...json, ...sleeper]);
    await seen(superdaemon.log, 'worker-started');
    superdaemon.signal('SIGHUP');
    const { pid: _, ...deployed } = await eventually(() => {
      const found = eventsIn(superdaemon.log()).find(
        (each) => each.event === 'deployed' && each.generation === 2,
      );
      if (found === undefined) throw new Error(superdaemon.log());
      return found;
    });
    expect(deployed).toMatchObject({
      level: 'info',
      superdaemon: superdaemon.pid,
      signal: 'SIGTERM',
      deploy: 1,
    });
    expect(await seen(superdaemon.log, 'worker-died')).toMatchObject({
      status: 15,
      signal: 'SIGTERM',
      endedBySignal: 15,
      role: 'old',
    });
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(eventsIn(superdaemon.log())[0]).toMatchObject({
      event: 'starting',
      level: 'info',
      msg: `start_server (pid:${superdaemon.pid}) starting now...`,
    });
    const wordless = eventsIn(superdaemon.log()).filter(({ msg }) => typeof msg !== 'string' || msg === '');
    expect(wordless).toEqual([]);
    const names = eventsIn(superdaemon.log()).map(({ event }) => event);
    for (const name of ['hup', 'worker-signalled', 'stopping', 'exiting']) expect(names).toContain(name);
    expect(names.at(-1)).toBe('exiting');
  });

  it('goes into the log file, and --restart shows lines of text all the same', async () => {
    using dir = tempDir();
    const files = ['--pid-file=pid', '--status-file=status'];
    const args = [...json, '--log-file=log', ...files, ...sleeper];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await seen(() => readFileSync(dir.join('log'), 'utf8'), 'worker-started');
    const { code, stderr } = await run(['--restart', ...files], { cwd: dir.path });
    expect({
      code,
      hasText: stderr.includes('\nstarting new worker ') || stderr.startsWith('starting'),
    }).toEqual({
      code: 0,
      hasText: true,
    });
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
    expect(eventsIn(readFileSync(dir.join('log'), 'utf8')).at(-1)).toMatchObject({ event: 'exiting' });
  });

  it.each([
    [[]],
    [['--daemonize', '--log-file=log']],
  ])('tells what the set-up has to say in the same way %j', async (words) => {
    using dir = tempDir();
    const sockets = ['--port=192.0.2.1:0'];
    const { code, stderr } = await run(['--log-format=json', ...words, ...sockets, ...sleeper], {
      cwd: dir.path,
    });
    expect(code).toBe(1);
    expect(eventsIn(stderr)).toMatchObject([
      { event: 'starting', level: 'info' },
      {
        event: 'start-failed',
        level: 'error',
        reason: expect.stringMatching(/^--port=192\.0\.2\.1:0: /),
        msg: expect.stringMatching(/^start-server: --port=192\.0\.2\.1:0: /),
      },
    ]);
  });
});

describeOurs('--log-format=json with a mistake', () => {
  const mistake = (reason: RegExp | string) => ({
    event: 'start-failed',
    level: 'error',
    reason: expect.stringMatching(reason),
    msg: expect.stringMatching(/^start-server: /),
  });

  it.each([
    [['--log-format=json', '--port=99999', ...sleeper], [/^--port=99999: /]],
    [
      ['--port=99999', '--LOG-FOR', 'json', '--nonsense', ...sleeper],
      [/^--nonsense: /, /^--port=99999: /],
    ],
    [['--log-format=json'], [/^server program not specified/]],
    [['--log-format=json', '--daemonize', ...sleeper], [/^--daemonize: needs --log-file$/]],
    [['--dry-run', '--log-format=json', '--', '/nowhere'], [/^cannot start the worker: \/nowhere: /]],
  ])('on the command line tells it in JSON, too: %j', async (words, reasons) => {
    const { code, stdout, stderr } = await run(words);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(eventsIn(stderr)).toMatchObject(reasons.map(mistake));
  });

  it('of a client is plain text: it has no log', async () => {
    const { code, stderr } = await run(['--stop', '--log-format=json']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'start-server: --stop: needs --pid-file\n' });
  });

  it('behind -- is the worker’s affair', async () => {
    const { stderr } = await run(['--port=99999', '--', 'sleep', '--log-format=json']);
    expect(stderr).toMatch(/^start-server: --port=99999: /);
  });

  it('that a dry run warns of is JSON, too', async () => {
    const { code, stderr } = await run(['--dry-run', '--log-format=json', ...sleeper], {
      env: { KILL_OLD_DELAY: 'soon' },
    });
    expect({ code, told: eventsIn(stderr) }).toMatchObject({
      code: 0,
      told: [{ event: 'warning', level: 'warn' }],
    });
  });
});

describeOurs('--log-format', () => {
  it('of another name is refused', async () => {
    const { code, stderr } = await run(['--log-format=xml', ...sleeper]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'start-server: --log-format=xml: not text or json\n',
    });
  });

  it('leaves --log=FILE what it is in the original: --log-file', async () => {
    using dir = tempDir();
    await using superdaemon = startSuperdaemon(['--log=out', ...sleeper], { cwd: dir.path });
    await eventually(() => expect(readFileSync(dir.join('out'), 'utf8')).toMatch(/^starting new worker/));
    superdaemon.signal('SIGTERM');
    await superdaemon.ended();
  });
});
