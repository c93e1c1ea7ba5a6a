import { expect, it } from 'vitest';
import { cpuShares } from '../../src/client/cpu-shares.ts';
import type { StatusReport, WorkerStatus } from '../../src/control/status-report.ts';

const worker: WorkerStatus = {
  generation: 1,
  role: 'current',
  pid: 12,
  upSince: '2026-01-31T22:59:59.000Z',
  memoryBytes: 1,
  cpuSeconds: 5,
  command: null,
  status: null,
};

/** What is shown of the second of two looks, that many milliseconds apart. */
function secondLook(ms: number, then: WorkerStatus, later: WorkerStatus): number | undefined {
  let clock = 1000;
  const sharesIn = cpuShares(() => clock);
  const report = (each: WorkerStatus): StatusReport => ({
    serving: true,
    superdaemon: { pid: 1, version: null, log: null },
    workers: [each],
    sockets: null,
    lastFailure: null,
    lastDeploy: null,
  });
  expect(sharesIn(report(then))(then)).toBeUndefined();
  clock += ms;
  return sharesIn(report(later))(later);
}

it('a worker’s share of a processor is what it has used since the last look, by the time between', () => {
  expect(secondLook(2000, worker, { ...worker, cpuSeconds: 8 })).toBe(1.5);
  expect(secondLook(500, worker, worker)).toBe(0);
});

it.each([
  ['of another worker that has got its pid', worker, { ...worker, generation: 2, cpuSeconds: 0 }],
  [
    'of another worker of its generation that has got its pid',
    worker,
    { ...worker, upSince: '2026-01-31T23:59:59.000Z', cpuSeconds: 6 },
  ],
  ['of another process behind its wrapper', { ...worker, mainPid: 20 }, { ...worker, mainPid: 21 }],
  ['of one whose processor time nobody can tell', worker, { ...worker, cpuSeconds: null }],
  ['of one that nobody could tell of before', { ...worker, cpuSeconds: null }, worker],
])('it is not known %s', (_of, then, later) => {
  expect(secondLook(1000, then, later)).toBeUndefined();
});
