import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const files = ['--interval=0', '--pid-file=pid', '--status-file=status'];
const sleeper = ['--', 'sleep', '1000'];

describeOurs.concurrent('--on-event', () => {
  it('runs a command with the event in its environment, one after the other, the last one at the end too', async () => {
    using dir = tempDir();
    const hook =
      'worker-started,worker-died,exiting:echo "$EVENT,$GENERATION,$WORKER,$PID,$STATUS,$REASON" >>heard';
    const env = { STATUS: 'the caller’s', REASON: 'the caller’s' };
    await using superdaemon = startSuperdaemon([...files, `--on-event=${hook}`, ...sleeper], {
      cwd: dir.path,
      env,
    });
    const heard = (count: number) =>
      eventually(() => {
        const lines = readFileSync(dir.join('heard'), 'utf8').split('\n').slice(0, -1);
        expect(lines.length).toBeGreaterThanOrEqual(count);
        return lines;
      });
    await heard(1);
    superdaemon.signal('SIGHUP');
    const [first, second, death] = await heard(3);
    expect(first).toMatch(/^worker-started,1,,\d+,,$/);
    expect(second).toMatch(/^worker-started,2,,\d+,,$/);
    expect(death).toBe(`worker-died,1,,${first?.split(',')[3]},15,`);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    await heard(4);
  });

  it('holds up no deploy and no stop with a command that hangs', async () => {
    using dir = tempDir();
    const hook = 'worker-started:echo $$ >hook; exec sleep 1000';
    await using superdaemon = startSuperdaemon([...files, `--on-event=${hook}`, ...sleeper], {
      cwd: dir.path,
    });
    await eventually(() => expect(readFileSync(dir.join('hook'), 'utf8')).toMatch(/\n/));
    const hanging = readFileSync(dir.join('hook'), 'utf8');
    const ask = (word: string) => run([word, ...files], { cwd: dir.path });
    for (let deploys = 0; deploys < 3; deploys += 1)
      expect(await ask('--restart')).toMatchObject({ code: 0 });
    expect(await ask('--status')).toMatchObject({
      stdout: expect.stringContaining('hooks: 3 events wait, 0 were dropped'),
    });
    expect(await ask('--stop')).toMatchObject({ code: 0 });
    expect(readFileSync(dir.join('hook'), 'utf8')).toBe(hanging);
    expect(superdaemon.log()).toContain('hooks are too slow: of 3 more events nobody is told');
  });

  it('kills a command after 10 seconds with all of its group, also one of the program before', async () => {
    using dir = tempDir();
    const hook = 'worker-started:echo $$ >hook; sleep 1000; :';
    await using superdaemon = startSuperdaemon([...files, `--on-event=${hook}`, ...sleeper], {
      cwd: dir.path,
    });
    const pid = await eventually(() => {
      const text = readFileSync(dir.join('hook'), 'utf8');
      expect(text).toMatch(/\n/);
      return Number(text);
    });
    superdaemon.signal('SIGUSR2');
    await superdaemon.waitForLine('replaced version');
    await superdaemon.waitForLine(`the hook for worker-started has taken too long, and was killed: echo`);
    expect(superdaemon.processes()).not.toContain(pid);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    await eventually(() => expect(superdaemon.processes()).toEqual([]));
  });

  it('says which command failed, or is not there', async () => {
    using dir = tempDir();
    const hooks = ['--on-event=worker-started:exit 3', '--on-event=worker-started:/no/such/program'];
    await using superdaemon = startSuperdaemon([...files, ...hooks, ...sleeper], { cwd: dir.path });
    await superdaemon.waitForLine('the hook for worker-started exited with status 3: exit 3');
    await superdaemon.waitForLine('the hook for worker-started exited with status 127: /no/such/program');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('lets a deploy go on through a burst of 2,000 events, tells 1,000 at most, and says how many it dropped', async () => {
    using dir = tempDir();
    const check = `--check=[ "$SERVER_STARTER_GENERATION" = 1 ] || { yes x | head -n 2000 >&2; }`;
    const args = [...files, check, '--on-event=check-said:echo >>heard', ...sleeper];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await eventually(() => expect(existsSync(dir.join('status'))).toBe(true));
    expect(await run(['--restart', ...files], { cwd: dir.path })).toMatchObject({ code: 0 });
    const line = await superdaemon.waitForLine('hooks are too slow: of ');
    const dropped = Number(/of (\d+) more/.exec(line)?.[1]);
    await eventually(() => expect(readFileSync(dir.join('heard'), 'utf8')).toHaveLength(2000 - dropped), {
      withinMs: 60_000,
    });
    expect(dropped).toBeGreaterThan(900);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});
