import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { probeWatch } from '../../src/workers/probe.ts';
import type { Run } from '../../src/workers/run-command.ts';
import { generationsOwn } from '../../src/workers/worker-environment.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] }));
afterEach(() => void vi.useRealTimers());

/** A worker that is probed for a minute by a command that takes as long as told, or its whole time. */
function probing(tookMs: number | undefined) {
  const runs: Run[] = [];
  const said: string[] = [];
  const run = (one: Run): Disposable => {
    runs.push(one);
    const failure = 'exited with status 1';
    setTimeout(() => one.ended({ failure, errors: '' }), Math.min(tookMs ?? one.limitMs, one.limitMs));
    return { [Symbol.dispose]: () => {} };
  };
  const own = generationsOwn({ generation: 1, autoRestartInterval: undefined, readiness: undefined });
  const { open } = probeWatch({ run, limitMs: 60_000, warn: (message) => said.push(message) });
  const watch = open(1, {
    ready: () => said.push('ready'),
    alive: () => {},
    replace: () => {},
    status: () => {},
    main: () => {},
    preloaded: () => {},
  });
  watch.begin(4711, { lasting: new Map(), own, directory: undefined });
  return { runs, said, watch };
}

describe('the readiness command', () => {
  it('that fails at once is run ten times a second', () => {
    const { runs } = probing(0);
    vi.advanceTimersByTime(2_000);
    expect(runs.length).toBeGreaterThanOrEqual(19);
    expect(runs.length).toBeLessThanOrEqual(21);
    expect(runs[0]?.environment.get('WORKER_PID')).toBe('4711');
  });

  it('that hangs is run again after ten seconds', () => {
    const { runs } = probing(undefined);
    expect(runs.map(({ limitMs }) => limitMs)).toEqual([10_000]);
    vi.advanceTimersByTime(9_999);
    expect(runs).toHaveLength(1);
    vi.advanceTimersByTime(200);
    expect(runs).toHaveLength(2);
  });

  it('ends before the time of the worker is up, and the reason of its last failure is told', () => {
    const { said } = probing(undefined);
    vi.advanceTimersByTime(59_900);
    expect(said).toEqual(['readiness command exited with status 1']);
  });

  it('is not run any more when the watch is over', () => {
    const { runs, watch } = probing(0);
    vi.advanceTimersByTime(50);
    watch[Symbol.dispose]();
    vi.advanceTimersByTime(5_000);
    expect(runs).toHaveLength(1);
  });
});
