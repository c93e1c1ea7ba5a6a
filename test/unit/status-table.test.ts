import { describe, expect, it } from 'vitest';
import type { StatusReport, WorkerStatus } from '../../src/client/status-report.ts';
import { statusTable } from '../../src/client/status-table.ts';

const worker: WorkerStatus = {
  generation: 9,
  role: 'leaving',
  pid: 12,
  upSince: '2026-01-31T22:59:59.000Z',
  memoryBytes: 3 * 2 ** 20,
  command: ['node', 'server.js'],
  status: null,
};
const report: StatusReport = {
  serving: true,
  superdaemon: { pid: 7, version: '1.2.3' },
  workers: [worker, { ...worker, generation: 10, role: 'current', pid: 345 }],
  lastFailure: null,
};

describe('the table of --status', () => {
  it('has a row a worker, in columns', () => {
    const [first, headings, ...rows] = statusTable(report, false).split('\n');
    expect(first).toBe('superdaemon 7, version 1.2.3: serving');
    expect(headings).toBe('GENERATION  ROLE     PID  UP SINCE              MEMORY  COMMAND');
    expect(rows.map((row) => row.replace(/\d{4}(-\d\d){2} \d\d(:\d\d){2}/, 'TIME'))).toEqual([
      '         9  leaving   12  TIME  3.0 MiB  node server.js',
      '        10  current  345  TIME  3.0 MiB  node server.js',
    ]);
  });

  it('has a column more when a worker says something of itself', () => {
    const text = statusTable({ ...report, workers: [{ ...worker, status: '3 requests' }] }, false);
    expect(text).toMatch(/ {2}COMMAND {9}STATUS\n.* {2}node server\.js {2}3 requests$/);
  });

  it('has a column more when a deploy has frozen its directory', () => {
    const text = statusTable({ ...report, workers: [{ ...worker, directory: '/srv/releases/9' }] }, false);
    expect(text).toMatch(/ {2}DIRECTORY {8}COMMAND\n.* {2}\/srv\/releases\/9 {2}node server\.js$/);
  });

  it('shows what nobody can tell as a dash', () => {
    const unknown = { ...worker, upSince: null, memoryBytes: null, command: null };
    expect(statusTable({ ...report, workers: [unknown] }, false)).toMatch(/ {2}12 {2}- +- {2}-$/);
  });

  it('says so when nobody serves', () => {
    const lost = { ...report, unreachable: ['--path=/s'] };
    expect(statusTable(lost, false).split('\n')[1]).toBe('nobody can connect: --path=/s');
    expect(statusTable({ ...report, serving: false, workers: [] }, false)).toBe(
      'superdaemon 7, version 1.2.3: not serving\nno workers',
    );
  });

  it('says what went wrong last, how often, and when the next attempt comes', () => {
    const lastFailure = {
      reason: 'worker 9 ended with exit\n3',
      at: '2026-01-31T22:59:59.000Z',
      attempts: 4,
      nextAttemptAt: '2026-01-31T23:00:00.000Z',
    };
    const text = statusTable({ ...report, serving: false, workers: [], lastFailure }, false);
    expect(
      text
        .replace(/\d{4}(-\d\d){2} \d\d(:\d\d){2}/g, 'TIME')
        .split('\n')
        .slice(1),
    ).toEqual([
      'last failure: worker 9 ended with exit?3 (at TIME, 4 in a row, next attempt at TIME)',
      'no workers',
    ]);
  });

  it('is coloured on demand only', () => {
    expect(statusTable(report, true)).toContain('\u001b[32mserving\u001b[0m');
    expect(statusTable(report, false)).not.toContain('\u001b[');
  });

  it('is not upset by control characters in a worker’s words', () => {
    const evil = { ...worker, command: ['a\nb'], status: '\u001b[2J\u009b31m' };
    const text = statusTable({ ...report, workers: [evil] }, false);
    expect(text.split('\n')).toHaveLength(3);
    expect(text).toMatch(/a\?b +\?\[2J\?31m$/);
  });
});
