import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { asOrdinaryUser, ordinaryUserCanRun } from '../support/ordinary-user.ts';
import { describeOurs, itOurs } from '../support/ours.ts';
import { describeWhere } from '../support/permitted.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { echoPerl } from '../support/workers.ts';

const sleeper = ['--', 'sleep', '1000'];
const lastLine = (text: string) => text.trimEnd().split('\n').at(-1);

async function errorOf(...words: string[]): Promise<string | undefined> {
  const { code, stderr } = await run([...words, ...sleeper]);
  expect(code).toBe(1);
  return lastLine(stderr);
}

describeOurs('an address in use', () => {
  it.each([
    '127.0.0.1:',
    '',
  ])('is told with the superdaemon that listens there, not a worker: --port=%sPORT', async (host) => {
    const port = await freePort();
    await using superdaemon = startSuperdaemon([`--port=${host}${port}`, '--', ...echoPerl]);
    await superdaemon.waitForLine('starting new worker ');
    const start = `start-server: --port=127.0.0.1:${port}: cannot listen: address already in use: `;
    const error = await errorOf(`--port=127.0.0.1:${port}`);
    expect(error).toBe(`${start}superdaemon ${superdaemon.pid} has it`);
  });

  it('is told with who listens there: an IPv6 socket that takes IPv4, too', async () => {
    const port = await freePort();
    using _holder = await listening(port, '::');
    const text = `address already in use: process ${process.pid} (`;
    expect(await errorOf(`--port=127.0.0.1:${port}`)).toContain(text);
    expect(await errorOf(`--port=[::1]:${port}`)).toContain(text);
  });

  it('is told with who is bound there, over UDP', async () => {
    const port = await freePort();
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    await once(socket, 'listening');
    const error = await errorOf(`--port=127.0.0.1:u${port}`);
    socket.close();
    expect(error).toContain(`address already in use: process ${process.pid} (`);
  });

  it('by two options of one command is told so', async () => {
    const option = `--port=127.0.0.1:${await freePort()}`;
    expect(await errorOf(option, option)).toBe(
      `start-server: ${option}: cannot listen: address already in use: another option of ours has it`,
    );
  });

  it('is one line, without control characters, whatever the other calls itself', async () => {
    const port = await freePort();
    using _holder = await perlListening(port, 'evil\n\u001b[31m');
    expect(await errorOf(`--port=127.0.0.1:${port}`)).toMatch(/: process \d+ \(evil\?\?\[31m\) has it$/);
  });
});

describeOurs('an address that no interface has', () => {
  it.each(['192.0.2.1', '[2001:db8::1]'])('%s is told so', async (host) => {
    const bare = host.replace(/[[\]]/g, '');
    expect(await errorOf(`--port=${host}:0`)).toMatch(`no interface of this machine has the address ${bare}`);
  });
});

const withoutPrivilege = ['unshare', '--net', ...asOrdinaryUser];

describeWhere('a low port, to an ordinary user,', [...withoutPrivilege, 'true'], () => {
  it.skipIf(!ordinaryUserCanRun())('is told with what to do', async () => {
    const { code, stderr } = await run(['--port=0.0.0.0:80', ...sleeper], { via: withoutPrivilege });
    expect(code).toBe(1);
    expect(lastLine(stderr)).toBe(
      'start-server: --port=0.0.0.0:80: cannot listen: permission denied: ports below 1024 need the capability ' +
        'CAP_NET_BIND_SERVICE (in a unit of systemd AmbientCapabilities=CAP_NET_BIND_SERVICE, or let a .socket unit ' +
        'bind it), or sysctl net.ipv4.ip_unprivileged_port_start=80',
    );
  });
});

describeOurs('a mistake', () => {
  it('in a program’s name is told with the PATH that was searched', async () => {
    const { code, stderr } = await run(['--', 'no-such-program'], { env: { PATH: '/bin:/usr/bin' } });
    expect(code).toBe(1);
    expect(lastLine(stderr)).toBe(
      'start-server: cannot start the worker: no-such-program: not found along PATH=/bin:/usr/bin',
    );
  });

  it('in an address that looks like a port and a descriptor is told with those', async () => {
    expect(await errorOf('--port=9200:3')).toBe(
      'start-server: --port=9200:3: cannot listen: address not available: ' +
        'no interface of this machine has the address 0.0.35.240; did you mean 9200=3?',
    );
  });

  it('in an option’s name is told with the option that was meant', async () => {
    expect(await errorOf('--pidfile=x')).toBe(
      'start-server: --pidfile=x: no such option; did you mean --pid-file?',
    );
  });
});

async function listening(port: number, host: string): Promise<Disposable> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  return { [Symbol.dispose]: () => void server.close() };
}

/** A process of that name which listens. */
async function perlListening(port: number, name: string): Promise<Disposable> {
  const script =
    'use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => shift, Listen => 1, ReuseAddr => 1) ' +
    'or die "$@"; $0 = shift; $| = 1; print "up\\n"; sleep 1000';
  const child: ChildProcess = spawn('perl', ['-e', script, String(port), name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const up =
    child.stdout === null ? undefined : await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (String(up?.[0]) !== 'up\n') throw new Error(`perl does not listen on port ${port}: ${up}`);
  return { [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

describeOurs('a word that is no program', () => {
  it.each([
    ['restart', '--restart'],
    ['reload', '--restart'],
    ['help', '--help'],
  ])('is told with the option that was meant: %s', async (word, meant) => {
    const { code, stderr } = await run(['--pid-file=app.pid', word], { env: { PATH: '/bin:/usr/bin' } });
    expect(code).toBe(1);
    const line = `start-server: ${word}: not found along PATH=/bin:/usr/bin; did you mean ${meant}?`;
    expect(lastLine(stderr)).toBe(line);
  });
});

describeOurs('a warning', () => {
  it('is one line, whatever the name in it holds', async () => {
    await using superdaemon = startSuperdaemon(sleeper, { env: { ENVDIR: 'a\nb' } });
    await superdaemon.waitForLine('starting new worker ');
    expect(superdaemon.log()).toMatch(/^warning: envdir a\?b: cannot read, /m);
  });
});

describeWhere('no socket asked for', ['script', '-qec', 'true', '/dev/null'], () => {
  itOurs('is told to a person, and to no script', async () => {
    const via = ['sh', '-c', 'exec script -qefc "$*" /dev/null', 'sh'];
    await using superdaemon = startSuperdaemon(sleeper, { via });
    await eventually(() => expect(superdaemon.output()).toContain('starting new worker '));
    expect(superdaemon.output()).toMatch(/^no socket is asked for \(--port, --path\): /m);
    await using silent = startSuperdaemon(sleeper);
    await silent.waitForLine('starting new worker ');
    expect(silent.log()).not.toContain('no socket');
  });
});
