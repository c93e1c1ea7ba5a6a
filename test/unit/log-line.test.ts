import { describe, expect, it } from 'vitest';
import { type LogEvent, logLine } from '../../src/superdaemon/log-event.ts';

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
  ['received HUP, spawning a new worker', { event: 'hup' }],
  ['autorestart triggered (interval=360)', { event: 'auto-restart', intervalMs: 360_000, forced: false }],
  ['autorestart triggered (forced, interval=1.5)', { event: 'auto-restart', intervalMs: 1500, forced: true }],
  [
    'new worker is now running, sending QUIT to old workers:12,34',
    { event: 'deployed', signal: 'SIGQUIT', oldPids: [12, 34] },
  ],
  [
    'new worker is now running, sending TERM to old workers:none',
    { event: 'deployed', signal: 'SIGTERM', oldPids: [] },
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
  ['warning: disk full', { event: 'warning', message: 'disk full' }],
];

describe('the log', () => {
  it.each(lines)('says: %s', (line, event) => {
    expect(logLine(event)).toBe(line);
  });
});
