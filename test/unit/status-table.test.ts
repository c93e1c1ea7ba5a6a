import { describe, expect, it } from 'vitest';
import { statusSections, statusTable } from '../../src/client/status-table.ts';
import type { StatusReport, WorkerStatus } from '../../src/control/status-report.ts';

const worker: WorkerStatus = {
  generation: 9,
  role: 'leaving',
  pid: 12,
  upSince: '2026-01-31T22:59:59.000Z',
  memoryBytes: 3 * 2 ** 20,
  cpuSeconds: 1.25,
  command: ['node', 'server.js'],
  status: null,
};
const report: StatusReport = {
  serving: true,
  superdaemon: { pid: 7, version: '1.2.3', log: null },
  workers: [worker, { ...worker, generation: 10, role: 'current', pid: 345 }],
  sockets: null,
  lastFailure: null,
  lastDeploy: null,
};

const plain = { colour: false };

describe('the table of --status', () => {
  it('has a row a worker, in columns', () => {
    const [first, headings, ...rows] = statusTable(report, plain).split('\n');
    expect(first).toBe('superdaemon 7, version 1.2.3: serving');
    expect(headings).toBe('GENERATION  ROLE     PID  UP SINCE              MEMORY    CPU  COMMAND');
    expect(rows.map((row) => row.replace(/\d{4}(-\d\d){2} \d\d(:\d\d){2}/, 'TIME'))).toEqual([
      '         9  leaving   12  TIME  3.0 MiB  1.3 s  node server.js',
      '        10  current  345  TIME  3.0 MiB  1.3 s  node server.js',
    ]);
  });

  it('has a column more when a worker says something of itself', () => {
    const text = statusTable({ ...report, workers: [{ ...worker, status: '3 requests' }] }, plain);
    expect(text).toMatch(/ {2}COMMAND {9}STATUS\n.* {2}node server\.js {2}3 requests$/);
  });

  it('has a column more when a deploy has frozen its directory', () => {
    const text = statusTable({ ...report, workers: [{ ...worker, directory: '/srv/releases/9' }] }, plain);
    expect(text).toMatch(/ {2}DIRECTORY {8}COMMAND\n.* {2}\/srv\/releases\/9 {2}node server\.js$/);
  });

  it('has a column more when another worker is to take the place of one', () => {
    const recycled = { ...worker, role: 'current', recycling: 'memory' } as const;
    const text = statusTable({ ...report, workers: [worker, recycled] }, plain);
    expect(text).toMatch(
      / {2}ROLE {5}RECYCLED FOR {2}PID .*\n.* {2}leaving {17}12 .*\n.* {2}current {2}memory {9}12 /,
    );
  });

  it('has a column more when it is known how much of a processor each worker uses', () => {
    const shares = new Map([[12, 1.499]]);
    const { workers } = statusSections(report, ({ pid }) => shares.get(pid));
    const [headings, first, second] = workers.map(([piece]) => piece?.text ?? '');
    expect(headings).toMatch(/ {2}MEMORY {2}%CPU {4}CPU {2}COMMAND$/);
    expect(first).toMatch(/ {2}150% {2}1\.3 s {2}node server\.js$/);
    expect(second).toMatch(/ {5}- {2}1\.3 s {2}node server\.js$/);
  });

  it('shows what nobody can tell as a dash', () => {
    const unknown = { ...worker, upSince: null, memoryBytes: null, cpuSeconds: null, command: null };
    expect(statusTable({ ...report, workers: [unknown] }, plain)).toMatch(/ {2}12 {2}- +- +- {2}-$/);
  });

  it('says so when nobody serves', () => {
    const lost = { ...report, unreachable: ['--path=/s'] };
    expect(statusTable(lost, plain).split('\n')[1]).toBe('nobody can connect: --path=/s');
    expect(statusTable({ ...report, serving: false, workers: [] }, plain)).toBe(
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
    const text = statusTable({ ...report, serving: false, workers: [], lastFailure }, plain);
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

  it('says where the log is, and how the last deploy went', () => {
    const superdaemon = { ...report.superdaemon, log: '/var/log/app\n.log' };
    const at = '2026-01-31T22:59:59.000Z';
    const over = { at, durationSeconds: 5.62, generation: 10 };
    const textAfter = (lastDeploy: StatusReport['lastDeploy']) =>
      statusTable({ ...report, superdaemon, lastDeploy }, plain).replace(
        /\d{4}(-\d\d){2} \d\d(:\d\d){2}/,
        'TIME',
      );
    expect(
      textAfter({ ...over, result: 'succeeded', reason: null })
        .split('\n')
        .slice(1, 3),
    ).toEqual(['log: /var/log/app?.log', 'last deploy: generation 10, at TIME, after 5.6 s']);
    expect(textAfter({ ...over, result: 'failed', reason: 'check\nsaid no' }).split('\n')[2]).toBe(
      'last deploy: failed at TIME, after 5.6 s, generation 10 serves on: check?said no',
    );
  });

  it('ends with the sockets, and how many connections wait there', () => {
    const sockets = [
      { name: '8080', option: '--port=8080', queue: 12, queueLimit: 4096 },
      { name: '/s', option: '--path=/s', queue: null, queueLimit: null },
    ];
    expect(
      statusTable({ ...report, sockets }, plain)
        .split('\n')
        .slice(-4),
    ).toEqual(['', 'SOCKET       QUEUE  LIMIT', '--port=8080     12   4096', '--path=/s        -      -']);
  });

  it('is cut at the edge of the screen, colours and all', () => {
    const lines = statusTable(report, { colour: true, columns: 10 }).split('\n');
    expect(lines[0]).toBe('superdaemo\u001b[32m\u001b[0m');
    expect(lines[1]).toBe('\u001b[1mGENERATION\u001b[0m');
  });

  it('is coloured on demand only', () => {
    expect(statusTable(report, { colour: true })).toContain('\u001b[32mserving\u001b[0m');
    expect(statusTable(report, plain)).not.toContain('\u001b[');
  });

  it('is not upset by control characters in a worker’s words', () => {
    const evil = { ...worker, command: ['a\nb'], status: '\u001b[2J\u009b31m' };
    const text = statusTable({ ...report, workers: [evil] }, plain);
    expect(text.split('\n')).toHaveLength(3);
    expect(text).toMatch(/a\?b +\?\[2J\?31m$/);
  });
});
