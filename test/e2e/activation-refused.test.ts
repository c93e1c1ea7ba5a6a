import { closeSync, openSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { activatedBy, holdSocket, ipv4Address } from '../support/systemd.ts';
import { actor } from '../support/workers.ts';

describeOurs('a promise of sockets that our caller does not keep', () => {
  const refusal = async (env: Record<string, string>, sockets: readonly { fd: number }[] = []) => {
    const { code, stderr, leftBehind } = await run(['--', ...actor], activatedBy(sockets, env));
    expect([code, leftBehind]).toEqual([1, 0]);
    return stderr.trimEnd().split('\n').at(-1);
  };

  it('is one line: no number', async () => {
    expect(await refusal({ LISTEN_FDS: 'two' })).toBe(
      'start-server: LISTEN_FDS=two: not a number of descriptors',
    );
  });

  it('is one line: a descriptor that is not open', async () => {
    expect(await refusal({ LISTEN_FDS: '90' })).toMatch(
      /^start-server: LISTEN_FDS=90: descriptor \d+ is not (open|a socket)$/,
    );
  });

  it('is one line: a descriptor that is no socket', async () => {
    const zero = openSync('/dev/zero', 'r');
    try {
      expect(await refusal({}, [{ fd: zero }])).toBe(
        'start-server: LISTEN_FDS=1: descriptor 3 is not a socket',
      );
    } finally {
      closeSync(zero);
    }
  });

  it('is one line: a stream socket that does not listen, a connection say', async () => {
    using bound = holdSocket(ipv4Address(0), { listening: false });
    expect(await refusal({}, [bound])).toBe(
      'start-server: LISTEN_FDS=1: descriptor 3 is not listening (a unit of systemd needs Accept=no)',
    );
  });
});
