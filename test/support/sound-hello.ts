// The answer to --status of a superdaemon that has everything to tell.

import { lineOf, PROTOCOL } from '../../src/control/protocol.ts';

const left = { generation: 1, leftBy: 5, pid: 6, command: 'app --helper' };

export const soundHello = lineOf({
  protocol: PROTOCOL,
  version: '0.1.0',
  pid: 7,
  request: 1,
  reconfigures: true,
  log: '/var/log/app',
  workers: [
    {
      ...{
        generation: 2,
        worker: 0,
        pid: 8,
        phase: 'current',
        directory: '/srv/2',
        ageMs: 5.5,
        since: 1.5e12,
      },
      ...{ status: 'warm', main: 9, recycling: 'age', earlier: true },
    },
  ],
  revision: 'a/1',
  unreachable: ['--path=/s'],
  failure: { reason: 'worker 8 ended', ageMs: 1, attempts: 2, nextInMs: 3 },
  left: [left],
  going: [left],
  hooks: { waiting: 1, dropped: 2 },
  sockets: [{ name: '80', option: '--port=80', queue: 0, queueLimit: 128, earlier: true }],
  deploys: {
    generation: 2,
    results: { succeeded: 1, failed: 2, superseded: 3 },
    durations: [0, 1],
    durationsMs: 700,
    last: { result: 'failed', at: 1.5e12, durationMs: 800, generation: 2, reason: 'gave up' },
  },
  exits: { crash: 1, failed_start: 2, late: 3, hung: 4, retired: 5, killed: 6, recycled: 7 },
});
