import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const files = ['--pid-file=pid', '--status-file=status'];
const sleeper = ['--', 'sleep', '1000'];

describeOurs('--ready=exec:COMMAND', () => {
  it('asks again and again, telling whom it asks about, until the command exits 0', async () => {
    using dir = tempDir();
    const probe =
      'echo "$SERVER_STARTER_GENERATION $WORKER_PID" >>asked; test -e "up.$SERVER_STARTER_GENERATION"';
    const args = ['--interval=0', `--ready=exec:${probe}`, ...files, ...sleeper];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const asked = () => readFileSync(dir.join('asked'), 'utf8').trimEnd().split('\n');
    writeFileSync(dir.join('up.1'), '');
    await eventually(() => readFileSync(dir.join('status')));
    superdaemon.signal('SIGHUP');
    const second = `2 ${await workerPid(superdaemon, 2)}`;
    await eventually(() => expect(asked().filter((line) => line === second).length).toBeGreaterThan(2));
    expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:\d+\n$/);
    writeFileSync(dir.join('up.2'), '');
    await superdaemon.waitForLine('old worker ');
    expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^2:\d+\n$/);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    expect(superdaemon.processes()).toEqual([]);
  });

  it('says why the worker was not ready in time, and leaves no command behind', async () => {
    using dir = tempDir();
    const probe = 'echo no route >&2; sleep 1000 & wait';
    const args = [`--ready=exec:${probe}`, '--ready-timeout=0.4', '--max-start-attempts=1', ...sleeper];
    const { code, stderr, leftBehind } = await run(args, { cwd: dir.path, withinMs: 20_000 });
    expect(code).toBe(1);
    expect(stderr).toMatch(/readiness command was still running after 0\.\d+ secs: no route\n/);
    expect(stderr).toMatch(/^new worker \d+ is not ready after 0\.4 secs, sending TERM to it$/m);
    expect(stderr).toMatch(
      /cannot start the worker: giving up after 1 attempt: worker \d+ was not ready within 0\.4 secs\n$/,
    );
    expect(leftBehind).toBe(0);
  });

  it('ends a command that is running when it is told to stop', async () => {
    using dir = tempDir();
    const args = ['--ready=exec:echo up >&2; touch running; sleep 1000', ...sleeper];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await eventually(() => readFileSync(dir.join('running')));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    // A process that has been killed takes a moment to go.
    await eventually(() => expect(superdaemon.processes()).toEqual([]));
  });
});
