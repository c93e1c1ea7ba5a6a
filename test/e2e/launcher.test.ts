import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { execa, execaSync } from 'execa';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { inspect } from '../support/inspect.ts';
import { skipsFixes } from '../support/ours.ts';
import { describePeer, fileOf } from '../support/peer.ts';
import { isPackage, program } from '../support/program.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

/** The single file has no launcher, nor has the reference. */
const launcherIt = it.skipIf(skipsFixes || isPackage);

/** What each loses of the signals that its caller blocked, before it reads the first line. */
const shells: readonly (readonly [shell: string, blocked: readonly string[]])[] = [
  ['dash', ['QUIT', 'USR1', 'CHLD', 'WINCH']],
  ['bash', ['QUIT', 'USR1', 'WINCH']],
  ['busybox', ['QUIT', 'USR1', 'CHLD', 'WINCH']],
  ['zsh', ['QUIT', 'USR1', 'WINCH']],
  ['mksh', []],
  ['yash', ['QUIT', 'USR1', 'CHLD', 'WINCH']],
];

const forNode = { NODE_OPTIONS: '--no-such-option', NODE_DEBUG: 'module', UV_THREADPOOL_SIZE: '1' };

for (const [shell, blocked] of shells) {
  describePeer(`the launcher, where /bin/sh is ${shell}`, [shell], () => {
    launcherIt.concurrent('hands on what its caller gave it, and nothing of its own', async () => {
      using dir = tempDir();
      const surroundings = [
        'sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGQUIT, SIGUSR1, SIGCHLD, 28));',
        '$SIG{USR2} = "IGNORE"; umask 027; POSIX::dup2(0, $_) for 7, 8; exec @ARGV',
      ];
      const { report } = await inspect([], {
        via: ['prlimit', '--nofile=200:', 'perl', '-MPOSIX', '-e', surroundings.join(' '), asSh(shell, dir)],
        env: { ...forNode, 'odd-name': 'é', environment: 'mine', node: 'mine' },
      });
      const {
        START_SERVER_TEST_TREE: _tree,
        REPORT_DIR: _report,
        HOME: _home,
        PATH: _path,
        ...rest
      } = report.environment;
      expect({ ...report, environment: rest }).toMatchObject({
        blocked,
        ignored: ['USR2', 'PIPE'],
        openFiles: 200,
        umask: 0o027,
      });
      expect(report.descriptors.map(({ fd }) => fd)).toEqual([0, 1, 2, 7, 8]);
      expect(rest).toEqual({
        ...forNode,
        'odd-name': Buffer.from('é').toString('latin1'),
        ...{ environment: 'mine', node: 'mine' },
        ...{ SERVER_STARTER_PORT: '', SERVER_STARTER_GENERATION: '1' },
      });
    });

    launcherIt.concurrent('has QUIT ignored where its caller ignores it, and only there', async () => {
      using dir = tempDir();
      const via = ['perl', '-e', '$SIG{QUIT} = "IGNORE"; exec @ARGV', asSh(shell, dir)];
      expect((await inspect([], { via })).report.ignored).toEqual(['QUIT', 'PIPE']);
      await using superdaemon = startSuperdaemon(['--', 'sleep', '1000'], { via: [asSh(shell, dir)] });
      await superdaemon.waitForLine('starting new worker');
      superdaemon.signal('SIGQUIT');
      expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    });

    launcherIt.concurrent('is found by names with blanks, by links, and by none but its own', async () => {
      using dir = tempDir();
      const [sh, odd] = [asSh(shell, dir), dir.join("a 'b' $c; *")];
      symlinkSync(dirname(program), odd);
      symlinkSync(`${odd}/start-server`, dir.join('link to it'));
      for (const name of [`${odd}/start-server`, './link to it', 'link to it']) {
        const { stdout, stderr } = await execa(sh, [name, '--version'], { cwd: dir.path });
        expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^\d+\.\d+\.\d+$/), stderr: '' });
      }
    });
  });
}

describePeer('the launcher, by shellcheck', ['shellcheck'], () => {
  launcherIt('is what every sh understands', async () => {
    expect((await execa('shellcheck', ['-s', 'sh', program])).stdout).toBe('');
  });
});

describe('the launcher', () => {
  launcherIt('finds the node that lies beside it, when PATH has none', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('bin'));
    symlinkSync(program, dir.join('bin/start-server'));
    const start = () =>
      execa(dir.join('bin/start-server'), ['--version'], {
        env: withoutNode(dir),
        extendEnv: false,
        reject: false,
      });
    expect(await start()).toMatchObject({
      exitCode: 127,
      stderr: expect.stringMatching(
        /^start-server: no node in PATH=\S+, nor beside \S+: put Node 20\.4 or later there$/,
      ),
    });
    symlinkSync(process.execPath, dir.join('bin/node'));
    expect(await start()).toMatchObject({ exitCode: 0, stderr: '' });
  });

  launcherIt.each([
    ['v18.20.8', `Object.defineProperty(process, 'version', { value: 'v18.20.8' })`],
    ['v20.3.1', `Object.defineProperty(process, 'version', { value: 'v20.3.1' })`],
    ['Bun 1.4.5', `Object.defineProperty(process, 'versions', { value: { bun: '1.4.5' } })`],
  ])('says in one line that %s will not do', async (name, pretence) => {
    using dir = tempDir();
    const { code, stderr } = await runWith(pretence, dir, ['--version']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `start-server needs Node 20.4 or later; this is ${name} (${process.execPath})\n`,
    });
  });

  launcherIt('does not let USR1 open the inspector of Node before somebody listens', async () => {
    using dir = tempDir();
    const wait = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)';
    const { code, stderr } = await runWith(`process.kill(process.pid, 'SIGUSR1'); ${wait}`, dir, [
      '--version',
    ]);
    expect(code).toBe(0);
    expect(stderr).not.toContain('listening');
  });
});

describe('what ps and pgrep call the superdaemon', () => {
  launcherIt.each(['start_server', 'start-server', 'other'])(
    'is the name that it was called by: %s',
    async (name) => {
      using dir = tempDir();
      symlinkSync(program, dir.join(name));
      const words = ['--interval=0', '--status-file=status', '--', 'sleep', '1000'];
      const script = 'shift; exec "$0" "$@"';
      await using superdaemon = startSuperdaemon(words, {
        cwd: dir.path,
        via: ['sh', '-c', script, dir.join(name)],
      });
      const seen = (file: string) => readFileSync(`/proc/${superdaemon.pid}/${file}`, 'utf8');
      const shown = () => {
        expect(seen('comm')).toBe(`${name}\n`);
        const [first, ...others] = seen('cmdline').replace(/\0+$/, '').split('\0');
        // A start knows another superdaemon by its words.
        if (name !== 'other') expect([first, ...others]).toEqual([name, ...words]);
        else expect(others.join(' ')).toContain(`/start-server-cached.cjs ${words.join(' ')}`);
      };
      await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
      await eventually(shown);
      superdaemon.signal('SIGUSR2');
      await superdaemon.waitForLine('replaced version');
      await eventually(shown);
    },
  );
});

const inNamespaces = execaSync({ reject: false })('unshare', ['-m', '-p', '-f', 'true']).exitCode === 0;
if (!inNamespaces)
  process.stderr.write('SKIPPED: tests in namespaces of their own (unshare is not allowed)\n');

describe.skipIf(!inNamespaces)('in a namespace of its own', () => {
  launcherIt(
    'with the /proc of an outer one, it tells itself from the stranger that has its number there',
    async () => {
      using dir = tempDir();
      const via = ['unshare', '-p', '-f', '--kill-child', 'sh', '-c', '"$@" & wait $!', 'sh'];
      const worker = 'env >env; exec sleep 1000';
      const files = ['--pid-file=pid', '--status-file=status', '--interval=0'];
      await using superdaemon = startSuperdaemon([...files, '--', 'sh', '-c', worker], {
        cwd: dir.path,
        env: { MARK: 'mine' },
        via,
      });
      await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
      await eventually(() => expect(readFileSync(dir.join('env'), 'utf8')).toMatch(/^MARK=mine$/m));
      const [shell = 0] = childrenOf(superdaemon.pid);
      process.kill(childrenOf(shell)[0] ?? 0, 'SIGUSR2');
      await superdaemon.waitForLine('replaced version');
    },
  );

  launcherIt('without /proc, it serves', async () => {
    using dir = tempDir();
    const hide = 'mount --make-rprivate / && mount -t tmpfs none /proc && exec "$@"';
    const words = ['--status-file=status', '--interval=0', '--', 'sh', '-c', 'env >env; exec sleep 1000'];
    await using superdaemon = startSuperdaemon(words, {
      cwd: dir.path,
      env: { MARK: 'mine' },
      via: ['unshare', '-m', 'sh', '-c', hide, 'sh'],
    });
    await eventually(() => expect(readFileSync(dir.join('status'), 'utf8')).toMatch(/^1:/));
    await eventually(() => expect(readFileSync(dir.join('env'), 'utf8')).toMatch(/^MARK=mine$/m));
    expect(readFileSync(dir.join('env'), 'utf8')).not.toContain('START_SERVER_CALLER');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

/** The shell, by the name by which it does as sh. */
function asSh(shell: string, dir: TempDir): string {
  const path = dir.join('sh');
  try {
    symlinkSync(fileOf(shell) ?? shell, path);
  } catch {
    // It is there already.
  }
  return path;
}

/** Runs the program in a Node that executes `code` before anything else. */
function runWith(code: string, dir: TempDir, words: readonly string[]) {
  writeFileSync(dir.join('first.cjs'), code);
  return run(words, { env: { START_SERVER_NODE_OPTIONS: `--require=${dir.join('first.cjs')}` } });
}

/** A PATH with what the launcher calls, and nothing else. */
function withoutNode(dir: TempDir): { PATH: string } {
  mkdirSync(dir.join('tools'), { recursive: true });
  for (const tool of ['sh', 'base64', 'grep', 'readlink']) {
    const file = dir.join(`tools/${tool}`);
    writeFileSync(file, `#!/bin/sh\nexec /usr/bin/${tool} "$@"\n`);
    chmodSync(file, 0o755);
  }
  return { PATH: dir.join('tools') };
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}
