import { describe, expect, it } from 'vitest';
import { jsonFormat } from '../../src/files/json-format.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';
import { logLine } from '../../src/superdaemon/log-line.ts';

const format = jsonFormat();

function read(event: LogEvent): Record<string, unknown> {
  const line = format(event, Date.UTC(2026, 0, 31, 18, 31, 39, 43)) ?? '';
  expect(line).not.toContain('\n');
  return JSON.parse(line);
}

describe('the log in JSON', () => {
  it('has time, level, the event’s name and facts, and its line in words', () => {
    const event = { event: 'worker-starting', generation: 2, pid: 123 } as const;
    const { time, ...rest } = read(event);
    expect(time).toBe('2026-01-31T18:31:39.043Z');
    expect(rest).toEqual({
      level: 'info',
      superdaemon: process.pid,
      ...event,
      msg: 'starting new worker 123',
    });
  });

  it.each<[string, LogEvent]>([
    ['worker 123 has started', { event: 'worker-started', generation: 2, pid: 123 }],
    ['sent TERM to worker 123', { event: 'worker-signalled', generation: 2, pid: 123, signal: 'SIGTERM' }],
    ['the worker says: warming up', { event: 'worker-status', generation: 2, text: 'warming up' }],
    [
      'worker 123 leaves processes behind, which still have our sockets: 7, 8',
      { event: 'worker-leaves', generation: 2, pid: 123, left: [7, 8] },
    ],
    [
      'process 7, which a worker had left behind, has ended',
      { event: 'left-process-ended', generation: 2, pid: 7 },
    ],
    ['a client asks for a deploy, it is number 2', { event: 'request-accepted', request: 7, deploy: 2 }],
    [
      'a client asks in vain: the superdaemon is stopping',
      { event: 'request-refused', request: 7, reason: 'the superdaemon is stopping' },
    ],
    ['a client asks for 4 workers', { event: 'scale-accepted', request: 7, workers: 4 }],
    ['the next attempt comes in 0.4 secs', { event: 'retry-scheduled', inMs: 400 }],
    ['checking the release for generation 2', { event: 'checking', generation: 2 }],
  ])('says %s, for which the text has no line', (msg, event) => {
    expect(logLine(event)).toBeUndefined();
    expect(read(event)).toMatchObject({ ...event, msg });
  });

  it.each<[string, LogEvent]>([
    ['error', { event: 'upgrade-refused', reason: 'no such file' }],
    ['error', { event: 'spawn-failed', generation: 2, reason: 'no such file' }],
    ['error', { event: 'worker-failed-to-start', generation: 2, pid: 1, status: 256 }],
    ['error', { event: 'worker-late', generation: 2, pid: 1, timeoutMs: 1, signal: 'SIGTERM' }],
    ['error', { event: 'worker-died', generation: 2, pid: 1, status: 9, role: 'current' }],
    ['info', { event: 'worker-died', generation: 2, pid: 1, status: 15, role: 'old' }],
    ['error', { event: 'check-refused', deploy: 1, generation: 2, reason: 'config', keeps: 1 }],
    ['error', { event: 'given-up', deploy: 1, attempts: 3, reason: 'died', keeps: 1 }],
    ['error', { event: 'internal-error', stack: 'Error: x\n    at y' }],
    ['warn', { event: 'worker-killed', generation: 2, pid: 1 }],
    ['warn', { event: 'warning', message: 'disk full' }],
    ['debug', { event: 'worker-status', generation: 2, text: 'x' }],
    ['info', { event: 'hup', deploy: 1 }],
  ])('is of level %s for %j', (level, event) => {
    expect(read(event)).toMatchObject({ level, event: event.event });
  });

  it('says of a wait status how the worker ended', () => {
    const died = { event: 'worker-died', generation: 2, pid: 1, role: 'old' } as const;
    expect(read({ ...died, status: 0 })).toMatchObject({ status: 0, exitCode: 0 });
    expect(read({ ...died, status: 2304 })).toMatchObject({ status: 2304, exitCode: 9 });
    expect(read({ ...died, status: 139 })).toMatchObject({
      status: 139,
      signal: 'SIGSEGV',
      endedBySignal: 11,
    });
    expect(read({ ...died, status: 139 })).not.toHaveProperty('exitCode');
    expect(read({ ...died, status: undefined })).not.toHaveProperty('signal');
  });

  it('is one line of valid JSON whatever bytes a message holds', () => {
    const message = 'a\nb "c" \u001b[31m \\ \udcff ü';
    expect(read({ event: 'warning', message })).toMatchObject({ message });
  });
});
