import { closeSync, openSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { inheritedSockets, inspect, inspectCommandLine } from '../support/inspect.ts';
import { describeOurs } from '../support/ours.ts';
import { run } from '../support/run.ts';
import { activatedBy, holdSocket, ipv4Address } from '../support/systemd.ts';
import { tempDir } from '../support/temp-dir.ts';
import { actor, inspector } from '../support/workers.ts';

describeOurs('--listen-fds', () => {
  it('gives the worker its own pid, and its sockets from descriptor 3 up, with names', async () => {
    using dir = tempDir();
    const [port, path] = [await freePort(), dir.join('socket')];
    const { pid, report } = await inspect([`--port=127.0.0.1:${port}`, `--path=${path}`, '--listen-fds']);
    expect(report.ppid).toBe(pid);
    expect(report.environment).toMatchObject({
      LISTEN_PID: String(report.pid),
      LISTEN_FDS: '2',
      LISTEN_FDNAMES: `127.0.0.1-${port}:${path}`,
      SERVER_STARTER_PORT: `127.0.0.1:${port}=3;${path}=4`,
    });
    expect(inheritedSockets(report)).toMatchObject([
      { fd: 3, descriptor: { socket: { address: `127.0.0.1:${port}`, listening: true } } },
      { fd: 4, descriptor: { socket: { address: path, listening: true } } },
    ]);
    expect(report.descriptors.map(({ fd }) => fd)).toEqual([0, 1, 2, 3, 4]);
  });

  it('changes nothing else of what the worker finds', async () => {
    const options = ['--port=127.0.0.1:0'];
    const env = { WORD: 'two\nlines \xff', PWD: '/elsewhere' };
    for (const how of [{}, { env }]) {
      const plain = await inspect(options, how);
      const noted = await inspect([...options, '--listen-fds'], how);
      const { LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES, ...environment } = noted.report.environment;
      expect([LISTEN_FDS, LISTEN_FDNAMES]).toEqual(['1', '127.0.0.1-0']);
      expect(LISTEN_PID).toBe(String(noted.report.pid));
      // The last two are what bash and busybox set, where they are sh.
      const own = /^(REPORT_DIR|START_SERVER_TEST_TREE|SHLVL|_)$/;
      const same = (variables: object) => Object.entries(variables).filter(([name]) => !own.test(name));
      expect(same(environment).sort()).toEqual(same(plain.report.environment).sort());
      for (const key of ['argv', 'blocked', 'ignored', 'umask', 'cwd', 'openFiles'] as const) {
        expect(noted.report[key]).toEqual(plain.report[key]);
      }
    }
  });

  it('keeps the names that came with the sockets', async () => {
    using first = holdSocket(ipv4Address(0));
    using second = holdSocket(ipv4Address(0));
    const env = { LISTEN_FDNAMES: 'web:' };
    const { report } = await inspect(['--listen-fds'], activatedBy([first, second], env));
    expect(report.environment.LISTEN_FDNAMES).toMatch(/^web:127\.0\.0\.1-\d+$/);
  });

  it('says nothing of sockets where there are none', async () => {
    const { report } = await inspect(['--listen-fds']);
    expect(Object.keys(report.environment).filter((name) => name.startsWith('LISTEN'))).toEqual([]);
  });

  it('puts the sockets where the caller left descriptors open, and says so', async () => {
    const own = openSync('/dev/zero', 'r');
    try {
      const options = ['--port=127.0.0.1:0', '--listen-fds'];
      const { report } = await inspect(options, { descriptors: [own, own] });
      expect(report.descriptors.slice(3)).toMatchObject([
        { fd: 3, socket: { listening: true } },
        { fd: 4, link: '/dev/zero' },
      ]);
      const { stderr } = await run([...options, '--', 'no-such-program'], { descriptors: [own, own] });
      expect(stderr).toContain(
        '\n--listen-fds: a socket takes the place of descriptor 3 that our caller left open\n',
      );
    } finally {
      closeSync(own);
    }
  });

  it('refuses a number that breaks the sequence, naming the right one', async () => {
    const result = await run(['--listen-fds', '--port=127.0.0.1:0', '--port=0=7', '--', ...actor]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      'start-server: --port=0=7: --listen-fds numbers the sockets 3, 4, 5 … in order, this one 4\n',
    );
    expect(result.leftBehind).toBe(0);
  });

  it('still finds out at the start that there is no such program', async () => {
    const result = await run(['--listen-fds', '--port=127.0.0.1:0', '--', 'no-such-program']);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('cannot start the worker: no-such-program: not found along PATH=');
  });

  it('runs a script without a first line, too', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('worker'), 'exec "$@"\n', { mode: 0o755 });
    const words = ['--listen-fds', '--port=127.0.0.1:0', '--', dir.join('worker'), ...inspector];
    const { report } = await inspectCommandLine(words);
    expect(report.environment.LISTEN_PID).toBe(String(report.pid));
  });
});

describeOurs('--as', () => {
  it('gives the worker what that server looks for', async () => {
    const options = ['--as=unicorn', '--port=127.0.0.1:0', '--port=127.0.0.1:0'];
    const { report } = await inspect(options);
    expect(report.environment.UNICORN_FD).toBe('3,4');
    expect(inheritedSockets(report)).toMatchObject([{ fd: 3 }, { fd: 4 }]);
  });

  it('leaves the sockets non-blocking for nginx alone', async () => {
    const nonBlocking = async (server: string) => {
      const { report } = await inspect([`--as=${server}`, '--port=127.0.0.1:0']);
      return inheritedSockets(report).map(({ descriptor }) => descriptor.nonBlocking);
    };
    expect([await nonBlocking('nginx'), await nonBlocking('puma')]).toEqual([[true], [false]]);
  });

  it('names the servers that it knows when it does not know one', async () => {
    const result = await run(['--as=apache', '--', ...actor]);
    expect(result).toMatchObject({
      code: 1,
      stderr: 'start-server: --as=apache: not one of unicorn, gunicorn, puma, uvicorn, nginx, node\n',
    });
  });

  it('refuses more sockets than the server takes, and leaves nothing behind', async () => {
    using dir = tempDir();
    const options = ['--as=uvicorn', '--port=127.0.0.1:0', `--path=${dir.join('socket')}`];
    const result = await run([...options, '--', ...actor]);
    expect(result).toMatchObject({ code: 1, leftBehind: 0 });
    expect(result.stderr).toContain('start-server: --as=uvicorn: it takes one socket, but there are 2\n');
  });
});
