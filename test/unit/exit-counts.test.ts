import { expect, it } from 'vitest';
import { exitCounts } from '../../src/control/exit-counts.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';

const of = { generation: 1, pid: 10 };
const signalled: LogEvent = { event: 'worker-signalled', ...of, signal: 'SIGTERM' };
const killed: LogEvent = { event: 'worker-killed', ...of };
const late: LogEvent = { event: 'worker-late', ...of, timeoutMs: 1000, signal: 'SIGTERM' };
const hung: LogEvent = { event: 'worker-hung', ...of, silentMs: 1000, signal: 'SIGABRT' };
const recycled: LogEvent = { event: 'recycled', ...of, successor: 11, signal: 'SIGTERM' };
const failed: LogEvent = { event: 'worker-failed-to-start', ...of, status: 256 };
const died = (role: 'current' | 'old' | 'stopping'): LogEvent => ({
  event: 'worker-died',
  ...of,
  status: 0,
  role,
});

const none = { crash: 0, failed_start: 0, late: 0, hung: 0, retired: 0, killed: 0, recycled: 0 };

it.each<[string, LogEvent[], object]>([
  ['a current worker that dies', [died('current')], { crash: 1 }],
  ['an old one that dies before it is told to go', [died('old')], { crash: 1 }],
  ['one that goes when it is told to', [signalled, died('old')], { retired: 1 }],
  ['one that goes at the stop', [signalled, died('stopping')], { retired: 1 }],
  ['one that has to be killed', [signalled, killed, died('old')], { killed: 1 }],
  ['one that dies while it is tried', [failed], { failed_start: 1 }],
  [
    'one that cannot be spawned',
    [{ event: 'spawn-failed', generation: 1, reason: 'x' }],
    { failed_start: 1 },
  ],
  ['one that is tried no longer', [signalled, failed], { retired: 1 }],
  ['one that was not ready in time', [late, signalled, failed], { late: 1 }],
  ['and had to be killed for it', [late, signalled, killed, failed], { late: 1 }],
  ['one that had fallen silent', [hung, signalled, killed, died('current')], { hung: 1 }],
  ['one that was recycled', [recycled, signalled, died('old')], { recycled: 1 }],
  ['and had to be killed for it, too', [recycled, signalled, killed, died('old')], { killed: 1 }],
  ['a pid that comes again', [signalled, died('old'), died('current')], { retired: 1, crash: 1 }],
])('%s is counted once', (_what, events, expected) => {
  const counts = exitCounts();
  for (const event of events) counts.take(event);
  expect(counts.counted()).toEqual({ ...none, ...expected });
});

it('the counts go on in the successor, also of those that are going at that moment', () => {
  const before = exitCounts();
  for (const event of [died('current'), late, signalled]) before.take(event);
  const after = exitCounts(before.forSuccessor());
  after.take(failed);
  expect(after.counted()).toEqual({ ...none, crash: 1, late: 1 });
});
