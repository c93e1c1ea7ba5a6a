import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ask } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { inheritedSockets, inspect, type Report } from '../support/inspect.ts';
import { describeOurs } from '../support/ours.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { activatedBy, holdSocket, ipv4Address, unixAddress } from '../support/systemd.ts';
import { tempDir } from '../support/temp-dir.ts';
import { echoPerl } from '../support/workers.ts';

/** `name=fd address`, of each socket that the worker was told of. */
const boundTo = (report: Report) =>
  inheritedSockets(report).map(({ name, fd, descriptor }) => `${name}=${fd} ${descriptor.socket?.address}`);
const numbers = (report: Report) => report.descriptors.map(({ fd }) => fd);

describeOurs('a socket that our caller bound already', () => {
  it('serves the option of its address, blocking, and is not bound again', async () => {
    using dir = tempDir();
    const [port, path] = [await freePort(), dir.join('socket')];
    using tcp = holdSocket(ipv4Address(port));
    using unix = holdSocket(unixAddress(path));
    const options = [`--port=127.0.0.1:${port}`, `--path=${path}`];
    const { report } = await inspect(options, activatedBy([unix, tcp]));
    expect(boundTo(report)).toEqual([`127.0.0.1:${port}=3 127.0.0.1:${port}`, `${path}=4 ${path}`]);
    expect(inheritedSockets(report)).toMatchObject([
      { descriptor: { nonBlocking: false, socket: { listening: true, backlog: 100 } } },
      { descriptor: { nonBlocking: false, socket: { listening: true } } },
    ]);
    expect(numbers(report)).toEqual([0, 1, 2, 3, 4]);
  });

  it('is found by a path that leads to the same file', async () => {
    using dir = tempDir();
    using unix = holdSocket(unixAddress(dir.join('socket')));
    symlinkSync(dir.path, dir.join('link'));
    const { report } = await inspect([`--path=${dir.join('link/socket')}`], activatedBy([unix]));
    expect(numbers(report)).toEqual([0, 1, 2, 3]);
  });

  it('serves a port of all IPv4 addresses as [::], when it takes IPv4, too', async () => {
    const port = await freePort();
    using dual = holdSocket({ family: 'ipv6', host: '::', port });
    const { report } = await inspect([`--port=${port}`], activatedBy([dual]));
    expect(boundTo(report)).toEqual([`${port}=3 [::]:${port}`]);
    expect(numbers(report)).toEqual([0, 1, 2, 3]);
  });

  it('goes to the number that its option asks for', async () => {
    const [port, other] = [await freePort(), await freePort()];
    using first = holdSocket(ipv4Address(port));
    using second = holdSocket(ipv4Address(other));
    const options = [`--port=127.0.0.1:${port}=4`, `--port=127.0.0.1:${other}=3`];
    const { report } = await inspect(options, activatedBy([first, second]));
    expect(boundTo(report)).toEqual([
      `127.0.0.1:${port}=4 127.0.0.1:${port}`,
      `127.0.0.1:${other}=3 127.0.0.1:${other}`,
    ]);
    expect(numbers(report)).toEqual([0, 1, 2, 3, 4]);
  });

  it('is handed over without any option, too, named by its address', async () => {
    using dir = tempDir();
    const [wild, port] = [await freePort(), await freePort()];
    using ipv4 = holdSocket(ipv4Address(wild, '0.0.0.0'));
    using ipv6 = holdSocket({ family: 'ipv6', host: '::1', port }, { ipv6Only: true });
    using udp = holdSocket(ipv4Address(port), { datagram: true });
    using unix = holdSocket(unixAddress(dir.join('socket')));
    const { report } = await inspect(['--port=127.0.0.1:0'], activatedBy([ipv4, ipv6, udp, unix]));
    expect(boundTo(report).slice(1)).toEqual([
      `${wild}=4 0.0.0.0:${wild}`,
      `[::1]:${port}=5 [::1]:${port}`,
      `127.0.0.1:${port}=6 127.0.0.1:${port}`,
      `${dir.join('socket')}=7 ${dir.join('socket')}`,
    ]);
    expect(numbers(report)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('keeps its file when the superdaemon ends', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    using unix = holdSocket(unixAddress(path));
    await using superdaemon = startSuperdaemon([`--path=${path}`, '--', ...echoPerl], activatedBy([unix]));
    expect(await ask({ path })).toMatchObject({ generation: 1 });
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toMatchObject({ code: 0 });
    expect(existsSync(path)).toBe(true);
  });

  it('reaches a daemon as well', async () => {
    using dir = tempDir();
    const path = dir.join('socket');
    using unix = holdSocket(unixAddress(path));
    const options = [`--path=${path}`, '--daemonize', `--log-file=${dir.join('log')}`];
    await using launcher = startSuperdaemon([...options, '--', ...echoPerl], activatedBy([unix]));
    expect(await launcher.ended()).toMatchObject({ code: 0 });
    expect(await ask({ path })).toMatchObject({ generation: 1 });
  });
});

describeOurs('what our caller meant for us alone', () => {
  const ours = {
    LISTEN_FDS: '0',
    LISTEN_FDNAMES: '',
    LISTEN_PIDFDID: '1',
    NOTIFY_SOCKET: '/nowhere',
    WATCHDOG_PID: '1',
    WATCHDOG_USEC: '1000000000',
  };

  it('does not reach the worker', async () => {
    const { report } = await inspect([], activatedBy([], ours));
    expect(Object.keys(report.environment).filter((name) => /^(LISTEN|NOTIFY|WATCHDOG)/.test(name))).toEqual(
      [],
    );
  });

  it('does not reach the log command', async () => {
    using dir = tempDir();
    using socket = holdSocket(ipv4Address(0));
    const seeing = `ls -l /proc/self/fd >'${dir.join('fds')}'; env >'${dir.join('env')}'`;
    const options = [`--log-file=|${seeing}; exec cat >'${dir.join('log')}'`];
    const { report } = await inspect(options, activatedBy([socket], { ...ours, LISTEN_FDS: '1' }));
    expect(report.environment.NOTIFY_SOCKET).toBeUndefined();
    const seen = await eventually(() => {
      const text = readFileSync(dir.join('env'), 'utf8');
      expect(text).toContain('PATH=');
      return text;
    });
    expect(readFileSync(dir.join('fds'), 'utf8')).not.toContain('socket:');
    expect(seen).not.toMatch(/^(LISTEN|NOTIFY|WATCHDOG)/m);
  });

  it('is left alone when it is meant for another process', async () => {
    using dir = tempDir();
    using unix = holdSocket(unixAddress(dir.join('socket')));
    const { report } = await inspect([], {
      descriptors: [unix.fd],
      env: { LISTEN_FDS: 'x', LISTEN_PID: '1' },
    });
    expect(report.environment).toMatchObject({ SERVER_STARTER_PORT: '' });
    expect(numbers(report)).toEqual([0, 1, 2, 3]);
  });
});

describeOurs('a connection made while no superdaemon runs', () => {
  it('is answered by the next one, and nothing is removed', async () => {
    using dir = tempDir();
    const [port, path] = [await freePort(), dir.join('socket')];
    using tcp = holdSocket(ipv4Address(port));
    using unix = holdSocket(unixAddress(path));
    const args = [`--port=127.0.0.1:${port}`, '--', ...echoPerl];
    const start = () => startSuperdaemon(args, activatedBy([tcp, unix]));
    {
      await using first = start();
      expect(await ask({ host: '127.0.0.1', port })).toMatchObject({ generation: 1 });
      first.signal('SIGTERM');
      expect(await first.ended()).toMatchObject({ code: 0 });
    }
    const waiting = [ask({ host: '127.0.0.1', port }), ask({ path })];
    await using second = start();
    for (const answer of await Promise.all(waiting)) expect(answer).toMatchObject({ generation: 1 });
    expect(second.log()).not.toContain('removing');
    expect(existsSync(path)).toBe(true);
  });
});
