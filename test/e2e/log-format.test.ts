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
