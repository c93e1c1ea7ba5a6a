import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import { logLine } from '../../src/superdaemon/log-line.ts';

const deployed = { event: 'deployed', deploy: 1, generation: 3, pid: 56 } as const;

const lines: readonly [string, LogEvent][] = [
  ['starting new worker 123', { event: 'worker-starting', generation: 2, pid: 123 }],
  [
    'new worker 123 seems to have failed to start, exit status:2304',
    { event: 'worker-failed-to-start', generation: 2, pid: 123, status: 2304 },
  ],
  [
    'worker 123 died unexpectedly with status:9, restarting',
    { event: 'worker-died', generation: 2, pid: 123, status: 9, role: 'current' },
  ],
  [
    'old worker 123 died, status:0',
    { event: 'worker-died', generation: 2, pid: 123, status: 0, role: 'old' },
  ],
  [
    'worker 123 died, status:0',
    { event: 'worker-died', generation: 2, pid: 123, status: 0, role: 'stopping' },
  ],
  ['all 2 workers of generation 3 have started', { event: 'all-started', generation: 3, workers: 2 }],
  ['all 2 workers have started', { event: 'all-started', generation: 3, workers: 2, mixed: true }],
  ['the only worker of generation 3 has started', { event: 'all-started', generation: 3, workers: 1 }],
  ['received HUP, spawning a new worker', { event: 'hup', deploy: 1 }],
  [
    'autorestart triggered (interval=360)',
    { event: 'auto-restart', deploy: 1, intervalMs: 360_000, forced: false },
  ],
  [
    'autorestart triggered (forced, interval=1.5)',
    { event: 'auto-restart', deploy: 1, intervalMs: 1500, forced: true },
  ],
  [
    'new worker is now running, sending QUIT to old workers:12,34',
    { ...deployed, signal: 'SIGQUIT', oldPids: [12, 34], leaving: [12, 34] },
  ],
  [
    'new worker is now running, sending TERM to old workers:none',
    { ...deployed, signal: 'SIGTERM', oldPids: [], leaving: [] },
  ],
  ['sleeping 5 secs before killing old workers', { event: 'kill-old-delay', delayMs: 5000 }],
  ['killing old workers', { event: 'retiring' }],
  [
    'received INT, sending TERM to all workers:12,34',
    { event: 'stopping', received: 'SIGINT', signal: 'SIGTERM', pids: [12, 34] },
  ],
  ['exiting', { event: 'exiting' }],
  [
    'failed to start a new worker: no such file',
    { event: 'spawn-failed', generation: 2, reason: 'no such file' },
  ],
  [
    'new worker 123 is not ready after 2.5 secs, sending QUIT to it',
    { event: 'worker-late', generation: 2, pid: 123, timeoutMs: 2500, signal: 'SIGQUIT' },
  ],
  [
    'worker 123 has not gone in time, sending KILL to it',
    { event: 'worker-killed', generation: 2, pid: 123 },
  ],
  [
    'config: line 3: deploy refused, generation 4 keeps serving',
    { event: 'check-refused', deploy: 2, generation: 5, reason: 'config: line 3', keeps: 4 },
  ],
  [
    'giving up after 3 attempts, generation 4 keeps serving',
    { event: 'given-up', deploy: 2, attempts: 3, reason: 'worker 123 was ended by SIGKILL', keeps: 4 },
  ],
  [
    'worker 123 alone has the new socket: deploying it to the others, too',
    { event: 'socket-rebound', generation: 2, worker: 1, pid: 123 },
  ],
  ['check: nginx: bad directive', { event: 'check-said', generation: 2, line: 'nginx: bad directive' }],
  ['received USR1, reopened the log file', { event: 'log-reopened' }],
  ['received USR2, replacing this program by the one on the disk', { event: 'upgrade-requested' }],
  ['cannot be replaced, going on: no such file', { event: 'upgrade-refused', reason: 'no such file' }],
  [
    'replaced version 1.2.3 by version 1.3.0',
    { event: 'upgraded', from: '1.2.3', to: '1.3.0', program: undefined },
  ],
  ['warning: disk full', { event: 'warning', message: 'disk full' }],
];

describe('the log', () => {
  it.each(lines)('says: %s', (line, event) => {
    expect(logLine(event)).toBe(line);
  });

  it.each<LogEvent>([
    { event: 'worker-started', generation: 2, pid: 123 },
    { event: 'worker-signalled', generation: 2, pid: 123, signal: 'SIGTERM' },
    { event: 'request-accepted', request: 7, deploy: 2 },
    { event: 'checking', generation: 2 },
  ])('has no line for $event, which the reference does not know', (event) => {
    expect(logLine(event)).toBeUndefined();
  });
});
