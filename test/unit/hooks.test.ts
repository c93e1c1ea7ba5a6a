import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parseHook } from '../../src/command-line/hook.ts';
import { hooksOf, type InheritedHooks } from '../../src/host/hooks.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';

function open(texts: readonly string[], inherited?: InheritedHooks) {
  const begun: string[] = [];
  const logged: LogEvent[] = [];
  const ends: ((failure: string | undefined) => void)[] = [];
  const hooks = hooksOf({
    hooks: texts.map((text) => parseHook(text, `--on-event=${text}`)),
    inherited,
    log: (event) => void logged.push(event),
    run: {
      spawn: (command, variables) => {
        if (command === 'impossible') throw new Error('no more processes');
        begun.push(`${command} ${variables.get('EVENT')} ${variables.get('PID')}`);
        return begun.length;
      },
      supervise: (_hook, ended) => void ends.push(ended),
    },
  });
  const end = async (failure?: string) => {
    ends.shift()?.(failure);
    await turn();
  };
  return { hooks, begun, logged, end, running: () => ends.length };
}

const died = (pid: number): LogEvent => ({
  event: 'worker-died',
  generation: 3,
  pid,
  status: 9,
  role: 'current',
});

describe('hooks', () => {
  it('run one at a time, in the order of the events and of the options', async () => {
    const { hooks, begun, end, running } = open(['worker-died:first', 'second']);
    hooks.onEvent(died(7));
    hooks.onEvent(died(8));
    await turn();
    expect(begun).toEqual(['first worker-died 7']);
    for (let ended = 0; ended < 3; ended += 1) {
      await end();
      expect(running()).toBe(1);
    }
    expect(begun).toEqual([
      'first worker-died 7',
      'second worker-died 7',
      'first worker-died 8',
      'second worker-died 8',
    ]);
  });

  it('hear of the events that they name, or of all that matter, and never of other hooks', async () => {
    const { hooks, begun, end } = open(['exiting:named', 'any']);
    hooks.onEvent({
      event: 'hook-failed',
      trigger: 'exiting',
      command: 'named',
      reason: 'exited with status 1',
    });
    hooks.onEvent({ event: 'retry-scheduled', inMs: 5 });
    hooks.onEvent(died(7));
    hooks.onEvent({ event: 'exiting' });
    for (let ended = 0; ended < 4; ended += 1) await end();
    expect(begun).toEqual(['any worker-died 7', 'named exiting ', 'any exiting ']);
  });

  it('drop what comes when 1,000 events wait, and say how many when the next one has ended', async () => {
    const { hooks, begun, logged, end } = open(['slow']);
    hooks.onEvent(died(0));
    await turn();
    for (let pid = 1; pid <= 1003; pid += 1) hooks.onEvent(died(pid));
    expect(hooks.report()).toEqual({ waiting: 1000, dropped: 3 });
    await end();
    await end();
    expect(logged).toEqual([{ event: 'hooks-dropped', count: 3 }]);
    for (let ended = 2; ended <= 1003; ended += 1) await end();
    expect(begun.at(-1)).toBe('slow worker-died 1000');
    expect(hooks.report()).toEqual({ waiting: 0, dropped: 3 });
  });

  it('say which one failed, or could not be run, and go on', async () => {
    const { hooks, begun, logged, end } = open(['impossible', 'wrong']);
    hooks.onEvent(died(7));
    await turn();
    await turn();
    await end('exited with status 3');
    expect(begun).toEqual(['wrong worker-died 7']);
    expect(logged).toEqual([
      {
        event: 'hook-failed',
        trigger: 'worker-died',
        command: 'impossible',
        reason: 'cannot be run: no more processes',
      },
      { event: 'hook-failed', trigger: 'worker-died', command: 'wrong', reason: 'exited with status 3' },
    ]);
  });

  it('at the end begin the next one if none runs, and drop the others', () => {
    const { hooks, begun, logged } = open(['last']);
    hooks.onEvent(died(7));
    hooks.onEvent({ event: 'exiting' });
    hooks.finish();
    expect(begun).toEqual(['last worker-died 7']);
    expect(logged).toEqual([{ event: 'hooks-dropped', count: 1 }]);
  });

  it('go on under a program that takes over: with the one that runs, and all that wait', async () => {
    const before = open(['slow']);
    for (const pid of [7, 8, 9]) before.hooks.onEvent(died(pid));
    await turn();
    const after = open(['slow'], before.hooks.forSuccessor());
    expect(after.running()).toBe(1);
    await after.end();
    await after.end();
    expect(after.begun).toEqual(['slow worker-died 8', 'slow worker-died 9']);
  });
});
