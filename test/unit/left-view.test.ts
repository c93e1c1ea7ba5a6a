import { describe, expect, it } from 'vitest';
import { leftView } from '../../src/client/left-view.ts';

const leaves = (...left: number[]) => ({ event: 'worker-leaves', generation: 1, pid: 11, left }) as const;
const stays = (pid: number) =>
  ({ event: 'worker-left-behind', generation: 1, leftBy: 11, pid, command: 'sleep 1000' }) as const;
const ended = (pid: number) => ({ event: 'left-process-ended', generation: 1, pid }) as const;
const words = (pid: number) =>
  `process ${pid} (sleep 1000), left behind by worker 11 of generation 1, still has our sockets`;

describe('of what a dead worker has left behind a client', () => {
  it('is unsure until each is named or has ended', () => {
    const view = leftView();
    view.take(leaves(21, 22));
    expect([view.isUnsure(), view.describe(), view.pids()]).toEqual([true, undefined, [21, 22]]);
    view.take(ended(21));
    expect([view.isUnsure(), view.pids()]).toEqual([true, [22]]);
    view.take(stays(22));
    expect([view.isUnsure(), view.describe(), view.pids()]).toEqual([false, words(22), [22]]);
    view.take(ended(22));
    expect([view.isUnsure(), view.describe(), view.pids()]).toEqual([false, undefined, []]);
  });

  it('remembers who is known to stay, whichever worker leaves it next', () => {
    const view = leftView([{ generation: 1, leftBy: 11, pid: 21, command: 'sleep 1000' }]);
    view.take(leaves(21));
    expect([view.isUnsure(), view.describe()]).toEqual([false, words(21)]);
    view.take(stays(23));
    expect(view.describe()).toBe(`${words(21)}; ${words(23)}`);
  });
});
