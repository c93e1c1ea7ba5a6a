// A socket that we have goes on under another command line.

import { expect, it } from 'vitest';
import { copyOf } from '../../src/sockets/copy-listener.ts';
import { type ListenerRequest, openInternetListener } from '../../src/sockets/open-listener.ts';
import { ownSockets } from '../../src/sockets/orphaned-sockets.ts';
import { parsePort } from '../../src/sockets/socket-spec.ts';

const request: ListenerRequest = {
  ...{ to: 3, targets: new Set([3]), backlog: 128, activated: [], blocking: true, warn: () => {} },
  pathAccess: { mode: 0o777, owner: undefined },
  orphaned: ownSockets(() => []),
};

it.each([
  ['its own queue is as long as is asked for now', 128, 7],
  ['that of one that our caller has bound stays his', undefined, undefined],
])('%s', (_what, before, now) => {
  const spec = parsePort('127.0.0.1:0');
  using ours = { ...openInternetListener(spec, request), backlog: before };
  using copy = copyOf(ours, spec, { ...request, backlog: 7 });
  expect(copy.backlog).toBe(now);
  expect(copy.from).not.toBe(ours.from);
});
