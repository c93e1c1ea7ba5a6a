import { closeSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { freePort } from '../support/free-port.ts';
import { inheritedSockets, inspect, type Report } from '../support/inspect.ts';
import { itOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { actor, echoPerl } from '../support/workers.ts';

// The address that each listed descriptor is really bound to, to see that no two sockets were exchanged.
const boundTo = (report: Report) =>
  inheritedSockets(report).map(({ name, fd, descriptor }) => `${name}=${fd} ${descriptor.socket?.address}`);

describe('--port=PORT=FD', () => {
  const expectSocketAt = async (fd: number) => {
    const port = await freePort();
    const { report } = await inspect([`--port=127.0.0.1:${port}=${fd}`]);
    expect(boundTo(report)).toEqual([`127.0.0.1:${port}=${fd} 127.0.0.1:${port}`]);
    expect(report.environment.SERVER_STARTER_PORT).toBe(`127.0.0.1:${port}=${fd}`);
  };

  it.each([3, 5, 6, 7, 10, 255, 1000])('gives the worker the socket as descriptor %i', expectSocketAt);
  it.each([0, 1])('gives the worker the socket as standard stream %i', expectSocketAt);
  // The reference loses the socket that it had made at this very number itself, and dies without a standard error.
  itOurs('gives the worker the socket as descriptor 4', () => expectSocketAt(4));
  itOurs('gives the worker the socket as its standard error', () => expectSocketAt(2));

  it('may have white space before the equals sign', async () => {
    const port = await freePort();
    const { report } = await inspect([`--port=127.0.0.1:${port} =9`, `--port=[::1]:${port} =11`]);
    expect(boundTo(report)).toEqual([
      `127.0.0.1:${port}=9 127.0.0.1:${port}`,
      `[::1]:${port}=11 [::1]:${port}`,
    ]);
  });

  it('leaves no second copy of the socket', async () => {
    const { report } = await inspect(['--port=127.0.0.1:0=9']);
    expect(report.descriptors.map(({ fd }) => fd)).toEqual([0, 1, 2, 9]);
  });

  it('goes together with sockets at free numbers', async () => {
    using dir = tempDir();
    const [fixed, free] = [await freePort(), await freePort()];
    const { report } = await inspect([`--port=${fixed}=20`, `--port=${free}`, `--path=${dir.join('s')}`]);
    const numbers = inheritedSockets(report).map(({ fd }) => fd);
    expect(boundTo(report)).toEqual([
      `${fixed}=20 0.0.0.0:${fixed}`,
      `${free}=${numbers[1]} 0.0.0.0:${free}`,
      `${dir.join('s')}=${numbers[2]} ${dir.join('s')}`,
    ]);
  });

  it('serves on, generation after generation', async () => {
    const port = await freePort();
    await using superdaemon = startSuperdaemon(['--interval=0', `--port=${port}=0`, '--', ...echoPerl]);
    await superdaemon.waitForLine('starting new worker ');
    expect(await ask({ host: '127.0.0.1', port })).toMatchObject({ generation: 1 });
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(/^old worker \d+ died, status:0$/);
    expect(await ask({ host: '127.0.0.1', port })).toMatchObject({ generation: 2 });
  });

  it('fails on a number beyond the limit of open files, and leaves nothing behind', async () => {
    const result = await run(['--port=0=999999999', '--', ...actor]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain('999999999');
    expect(result.leftBehind).toBe(0);
  });

  itOurs('refuses one number for two sockets, naming it', async () => {
    const result = await run(['--port=0=41', '--port=127.0.0.1:0=41', '--', ...actor]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain('41');
    expect(result.leftBehind).toBe(0);
  });
});

describe('several chosen numbers', () => {
  const expectEachAtItsNumber = async ({ numbers }: { numbers: readonly (number | 'free')[] }) => {
    const ports = await Promise.all(numbers.map(() => freePort()));
    const specs = numbers.map(
      (number, index) => `127.0.0.1:${ports[index]}${number === 'free' ? '' : `=${number}`}`,
    );
    const { report } = await inspect(specs.map((spec) => `--port=${spec}`));
    const sockets = inheritedSockets(report);
    const expected = numbers.map((number, index) => ({
      fd: number === 'free' ? sockets[index]?.fd : number,
      descriptor: { socket: { address: `127.0.0.1:${ports[index]}`, listening: true } },
    }));
    expect(sockets).toMatchObject(expected);
    expect(new Set(sockets.map(({ fd }) => fd)).size).toBe(numbers.length);
  };

  it.each([
    { numbers: ['free', 3] },
    { numbers: [1, 0] },
    { numbers: [14, 15, 16, 17, 18, 19, 20, 21, 22, 23] },
  ] as const)('$numbers: each socket is at its own', expectEachAtItsNumber);

  itOurs.each([
    { numbers: [4, 3] },
    { numbers: [4, 5, 3] },
    { numbers: ['free', 'free', 3, 4] },
    { numbers: [5, 'free', 'free', 4, 3] },
    { numbers: [2, 1, 0, 'free'] },
    { numbers: [3, 4, 5, 6, 7, 8, 9, 'free'] },
  ] as const)(
    '$numbers: each socket is at its own, whatever the superdaemon has there',
    expectEachAtItsNumber,
  );
});

describe('the descriptors of a worker', () => {
  it('are its standard streams and the sockets, nothing else', async () => {
    using dir = tempDir();
    const { report } = await inspect([
      '--port=127.0.0.1:0',
      `--path=${dir.join('socket')}`,
      `--pid-file=${dir.join('pid')}`,
      `--status-file=${dir.join('status')}`,
    ]);
    const sockets = inheritedSockets(report).map(({ fd }) => fd);
    expect(report.descriptors.map(({ fd }) => fd)).toEqual([0, 1, 2, ...sockets.sort((a, b) => a - b)]);
  });

  it('are the standard streams of the caller', async () => {
    const { report } = await inspect([]);
    const links = report.descriptors.map(({ fd, link }) => `${fd} ${link}`);
    expect(links).toEqual([
      '0 /dev/null',
      expect.stringMatching(/^1 .*\/stdout$/),
      expect.stringMatching(/^2 .*\/stderr$/),
    ]);
  });

  it('leave the standard streams alone, although the caller closed them', async () => {
    const via = ['sh', '-c', 'exec "$@" <&- >&- 2>&-', 'sh'];
    const { report } = await inspect(['--port=127.0.0.1:0', '--port=u0'], { via });
    expect(inheritedSockets(report).filter(({ fd }) => fd < 3)).toEqual([]);
  });

  it('include those that the caller left open, at their numbers', async () => {
    const own = openSync('/dev/zero', 'r');
    try {
      const { report } = await inspect(['--port=127.0.0.1:0'], { descriptors: [own, own] });
      const links = report.descriptors.map(({ fd, link }) => `${fd} ${link}`);
      expect(links.slice(3, 5)).toEqual(['3 /dev/zero', '4 /dev/zero']);
      expect(links).toHaveLength(6);
      expect(inheritedSockets(report)).toMatchObject([{ descriptor: { socket: { listening: true } } }]);
    } finally {
      closeSync(own);
    }
  });
});
