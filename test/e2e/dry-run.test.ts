import { once } from 'node:events';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { describeOurs } from '../support/ours.ts';
import { isNonBlocking } from '../support/proc.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { activatedBy, holdSocket, ipv4Address } from '../support/systemd.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { actor, echoPerl } from '../support/workers.ts';

const files = ['--pid-file=pid', '--status-file=status', '--log-file=log'];
const sleeper = ['--', 'sleep', '1000'];

describeOurs('--dry-run', () => {
  it('prints what would run, starts nothing and leaves nothing', async () => {
    using dir = tempDir();
    const port = await freePort();
    mkdirSync(dir.join('env'));
    mkdirSync(dir.join('app'));
    writeFileSync(dir.join('env/COLOUR'), 'blue\n');
    writeFileSync(dir.join('app/server'), '#!/bin/sh\n', { mode: 0o755 });
    const before = readdirSync(dir.path);
    const sockets = [`--port=localhost:${port}`, '--port=127.0.0.1:u0=9', '--path=socket'];
    const rest = [
      '--dir=app',
      '--envdir=env',
      '--signal-on-hup=QUIT',
      '--ready=notify',
      '--daemonize',
      ...files,
    ];
    const env = { PATH: '/bin:/usr/bin', NOTIFY_SOCKET: '/run/x', KEPT: '1' };
    const words = ['--dry-run', ...sockets, ...rest, '--', './server', 'a b', "it's"];
    const result = await run(words, { cwd: dir.path, env });
    expect(result).toMatchObject({ code: 0, stderr: '', leftBehind: 0 });
    expect(result.stdout).toBe(`command:      ./server 'a b' 'it'\\''s'
directory:    ${dir.join('app')}
socket:       descriptor 3 is localhost:${port}, TCP 127.0.0.1:${port}
socket:       descriptor 9 is 127.0.0.1:0, UDP 127.0.0.1:(any free port)
socket:       descriptor 4 is socket, Unix socket
environment:  ENVDIR=env
environment:  COLOUR=blue
environment:  SERVER_STARTER_PORT=localhost:${port}=3;127.0.0.1:0=9;socket=4
environment:  SERVER_STARTER_GENERATION=1
environment:  NOTIFY_SOCKET=(a socket for each worker)
environment:  NOTIFY_FD=(a pipe for each worker)
readiness:    it says so within 60 s
signals:      SIGQUIT to the old worker at a deploy, SIGTERM at a stop
pid file:     pid
status file:  status
envdir:       env
log:          log, text
background:   yes
`);
    expect(readdirSync(dir.path)).toEqual(before);
  });

  it('says which variables of the caller’s a worker does not get, and where the program was found', async () => {
    const { code, stdout } = await run(['--dry-run', ...sleeper], {
      env: { NOTIFY_SOCKET: '/run/x', PATH: '/nowhere:/usr/bin:/bin' },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^command: +\/usr\/bin\/sleep 1000$/m);
    expect(stdout).toMatch(/^environment: +NOTIFY_SOCKET is unset$/m);
  });

  it('leaves every file that is there as it is, a stale socket too', async () => {
    using dir = tempDir();
    for (const name of ['pid', 'status', 'log']) writeFileSync(dir.join(name), `old ${name}\n`);
    await staleSocket(dir);
    const before = stateOf(dir);
    const result = await run(['--dry-run', '--path=socket', ...files, ...sleeper], { cwd: dir.path });
    expect(result).toMatchObject({ code: 0, stderr: 'would remove existing socket file:socket\n' });
    expect(stateOf(dir)).toEqual(before);
  });

  it('leaves a socket that our caller gave us as it is', async () => {
    using tcp = holdSocket(ipv4Address(await freePort()));
    expect(await run(['--dry-run', ...sleeper], activatedBy([tcp]))).toMatchObject({ code: 0, stderr: '' });
    expect(isNonBlocking(process.pid, tcp.fd)).toBe(true);
  });

  it('does not disturb a superdaemon at work, whose sockets and pid file it cannot have', async () => {
    using dir = tempDir();
    const args = ['--interval=0', '--path=socket', '--pid-file=pid', '--', ...echoPerl];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await superdaemon.waitForLine('starting new worker ');
    const before = stateOf(dir);
    for (const words of [['--pid-file=pid'], ['--path=socket']]) {
      const { code, stderr } = await run(['--dry-run', ...words, ...sleeper], { cwd: dir.path });
      expect(code).toBe(1);
      expect(stderr).toMatch(new RegExp(`^start-server: ${words[0]}: .*${superdaemon.pid}\n$`));
    }
    expect(stateOf(dir)).toEqual(before);
    expect(superdaemon.log()).not.toContain('received');
  });

  it.each(['--restart', '--stop'])('is refused beside %s', async (word) => {
    expect(await run(['--dry-run', '--pid-file=pid', word])).toMatchObject({
      code: 1,
      stderr: `start-server: --dry-run: not together with ${word}\n`,
    });
  });
});

describeOurs('what a start refuses, --dry-run refuses in the same words:', () => {
  it.each([
    ['a port twice', ['--port=127.0.0.1:PORT', '--port=127.0.0.1:PORT']],
    ['an address of nobody', ['--port=192.0.2.1:0']],
    ['a host that nobody knows', ['--port=no-such-host.invalid:80']],
    ['a descriptor twice', ['--port=127.0.0.1:0=7', '--port=127.0.0.1:u0=7']],
    ['a socket in no directory', ['--path=missing/socket']],
    ['a socket in the place of a file', ['--path=plain']],
    ['a pid file in no directory', ['--pid-file=missing/pid']],
    ['a pid file that is a link', ['--pid-file=link']],
    ['a pid file with two names', ['--pid-file=twice']],
    ['a log file in no directory', ['--log-file=missing/log']],
    ['a socket below a file', ['--path=plain/socket']],
    ['a pid file below a file', ['--pid-file=plain/pid']],
    ['a log file below a file', ['--log-file=plain/log']],
    ['an envdir that is none', ['--envdir=missing']],
    ['an option that is taken for a program', ['--', 'restart']],
    ['a directory as log file', ['--log-file=folder']],
    ['a log command that is not there', ['--log-file=| no-such-command -x']],
    ['a log command that may not be executed', ['--log-file=|./plain 2>&1']],
    ['too many sockets for uvicorn', ['--as=uvicorn', '--port=127.0.0.1:0', '--port=127.0.0.1:0']],
    ['a working directory that is none', ['--dir=missing']],
    ['a program that is none', ['--', 'no-such-program']],
    ['a program that may not be executed', ['--', './plain']],
    ['a script without its interpreter', ['--', './orphan']],
    ['an option that makes no sense', ['--interval=x']],
  ])('%s', async (_what, template) => {
    using dir = tempDir();
    writeFileSync(dir.join('plain'), '', { mode: 0o644 });
    writeFileSync(dir.join('orphan'), '#!/no/such/interpreter\n', { mode: 0o755 });
    mkdirSync(dir.join('folder'));
    symlinkSync('nowhere', dir.join('link'));
    writeFileSync(dir.join('twice'), '');
    linkSync(dir.join('twice'), dir.join('folder/twice'));
    const port = String(await freePort());
    const words = template.map((word) => word.replace('PORT', port));
    const command = words.includes('--') ? words : [...words, '--', ...actor];
    const before = stateOf(dir);
    const tried = await run(['--dry-run', ...command], { cwd: dir.path });
    expect(tried).toMatchObject({ code: 1, stdout: '', leftBehind: 0 });
    expect(stateOf(dir)).toEqual(before);
    const started = await run(command, { cwd: dir.path });
    expect(started.code).toBe(1);
    expect(tried.stderr).toBe(errorsOf(started.stderr));
    expect(tried.stderr).toMatch(/^start-server: .+\n$/);
  });
});

function errorsOf(stderr: string): string {
  return stderr.replace(/^start_server \(pid:\d+\) starting now\.\.\.\n/, '');
}

/** One that nobody listens at any more: Node removes its own when it closes, so it is moved aside first. */
async function staleSocket(dir: TempDir): Promise<void> {
  const server = createServer();
  await once(server.listen(dir.join('socket.made')), 'listening');
  renameSync(dir.join('socket.made'), dir.join('socket'));
  await once(server.close(), 'close');
}

/** Names, identities, times and contents. */
function stateOf(dir: TempDir): string[] {
  return readdirSync(dir.path).map((name) => {
    const file = statSync(dir.join(name), { throwIfNoEntry: false });
    const content = file?.isFile() ? readFileSync(dir.join(name), 'utf8') : '';
    return `${name} ${file?.ino} ${file?.mtimeMs} ${content}`;
  });
}
