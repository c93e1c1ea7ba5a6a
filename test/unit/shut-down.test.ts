import { expect, it } from 'vitest';
import { closeQuietly } from '../../src/posix/file/descriptor.ts';
import { socket } from '../../src/posix/libc/libc.ts';
import { platform } from '../../src/posix/libc/platform.ts';
import type { Listener } from '../../src/sockets/listener.ts';
import { type ListenerRequest, openInternetListener } from '../../src/sockets/open-listener.ts';
import { ownSockets } from '../../src/sockets/orphaned-sockets.ts';
import { shutDownOf } from '../../src/sockets/shut-down.ts';
import { parsePort } from '../../src/sockets/socket-spec.ts';

const request: ListenerRequest = {
  ...{ to: 3, targets: new Set([3]), backlog: 8, activated: [], blocking: true, warn: () => {} },
  ...{ pathAccess: { mode: 0o777, owner: undefined }, orphaned: ownSockets(() => []) },
};

it('a socket that has come later is looked at, too', () => {
  using first = openInternetListener(parsePort('127.0.0.1:0'), request);
  // One that does not listen hangs up, as one does that was shut down.
  const from = socket(platform.AF_INET, platform.SOCK_STREAM, 0);
  const second = { ...first, from };
  let listeners: readonly Listener[] = [first];
  const look = shutDownOf(() => listeners);
  try {
    expect([...look()]).toEqual([]);
    listeners = [first, second];
    expect([...look()]).toEqual([second]);
    listeners = [second];
    expect([...look()]).toEqual([second]);
    listeners = [first];
    expect([...look()]).toEqual([]);
  } finally {
    closeQuietly(from);
  }
});
