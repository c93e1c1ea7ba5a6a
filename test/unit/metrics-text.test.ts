import { expect, it } from 'vitest';
import type { CountedDeploys } from '../../src/control/deploy-counts.ts';
import type { StatusReport, WorkerStatus } from '../../src/control/status-report.ts';
import { metricsText } from '../../src/metrics/metrics-text.ts';

const worker: WorkerStatus = {
  generation: 9,
  role: 'current',
  worker: 1,
  pid: 12,
  upSince: '2026-01-31T22:59:59.500Z',
  memoryBytes: 4096,
  cpuSeconds: 1.25,
  command: ['node'],
  status: null,
};
const report: StatusReport = {
  serving: true,
  superdaemon: { pid: 7, version: '1.2.3', log: null },
  workers: [worker],
  sockets: [
    { name: '8080', option: '--port=8080', queue: 3, queueLimit: 128 },
    { name: '8080', option: '--port=u8080', queue: null, queueLimit: null },
  ],
  lastFailure: null,
  lastDeploy: null,
};
const deploys: CountedDeploys = {
  generation: 9,
  results: { succeeded: 3, failed: 1, superseded: 2 },
  durations: [1, 0, 1],
  durationsMs: 902_500,
  last: { result: 'failed', at: 1.7e12, durationMs: 5, generation: 9, reason: 'no' },
};
const exits = { crash: 1, failed_start: 2, late: 3, hung: 6, retired: 4, killed: 5, recycled: 7 };

function samples(of: Partial<StatusReport> = {}, counts: Partial<CountedDeploys> = {}, app = 'shop') {
  const text = metricsText({ ...report, ...of }, { deploys: { ...deploys, ...counts }, exits }, app);
  return text.split('\n').filter((line) => !line.startsWith('#'));
}

it('tells of superdaemon, workers, deploys and sockets', () => {
  const told = samples().map((line) => line.replace('app="shop",', '').replace('{app="shop"}', ''));
  for (const line of [
    'start_server_info{version="1.2.3"} 1',
    'start_server_generation 9',
    'start_server_workers{role="canary"} 0',
    'start_server_workers{role="current"} 1',
    'start_server_workers{role="leaving"} 0',
    'start_server_worker_info{worker="1",generation="9",pid="12"} 1',
    'start_server_worker_start_time_seconds{worker="1",generation="9"} 1769900399.5',
    'start_server_worker_resident_memory_bytes{worker="1",generation="9"} 4096',
    'start_server_worker_cpu_seconds_total{worker="1",generation="9"} 1.25',
    'start_server_worker_exits_total{reason="failed_start"} 2',
    'start_server_worker_exits_total{reason="hung"} 6',
    'start_server_worker_exits_total{reason="recycled"} 7',
    'start_server_deploys_total{result="superseded"} 2',
    'start_server_deploy_duration_seconds_bucket{le="0.5"} 1',
    'start_server_deploy_duration_seconds_bucket{le="1"} 1',
    'start_server_deploy_duration_seconds_bucket{le="2.5"} 2',
    'start_server_deploy_duration_seconds_bucket{le="600"} 2',
    'start_server_deploy_duration_seconds_bucket{le="+Inf"} 3',
    'start_server_deploy_duration_seconds_sum 902.5',
    'start_server_deploy_duration_seconds_count 3',
    'start_server_last_deploy_timestamp_seconds 1700000000',
    'start_server_last_deploy_successful 0',
    'start_server_socket_queue_connections{socket="8080"} 3',
    'start_server_socket_queue_connections_limit{socket="8080"} 128',
  ])
    expect(told).toContain(line);
});

it('has no series twice, or a collector would refuse them all', () => {
  const late = { ...worker, role: 'leaving' as const, pid: 11, upSince: '2026-01-31T22:00:00.000Z' };
  const series = samples({ workers: [worker, late] }).map((line) => line.replace(/ \S+$/, ''));
  expect(series.filter((each, index) => series.indexOf(each) !== index)).toEqual([]);
  // The replacement is the one that counts.
  expect(series).toContain('start_server_worker_info{app="shop",worker="1",generation="9",pid="12"}');
});

it('leaves out what nobody can tell', () => {
  const unknown = { ...worker, upSince: null, memoryBytes: null, cpuSeconds: null };
  const told = samples({ workers: [unknown], sockets: null }, { last: undefined }).join('\n');
  expect(told).not.toMatch(/memory|cpu|start_time|socket|last_deploy|null|undefined|NaN/);
});

it('says the pid in the info metric alone', () => {
  expect(samples().filter((line) => /pid=|\b12\b/.test(line))).toHaveLength(1);
});

it('survives any name, and ends with EOF', () => {
  const text = metricsText(report, { deploys, exits }, 'a"b\\c\nd');
  expect(text).toContain('start_server_info{app="a\\"b\\\\c\\nd",version="1.2.3"} 1');
  expect(text.split('\n').at(-1)).toBe('# EOF');
});
