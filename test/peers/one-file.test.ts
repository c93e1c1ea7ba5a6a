// The single file of `npm run package`, made here, and the most important end-to-end tests against it where there is
// no Node; `npm run test:package` runs all of them.

import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeWhere } from '../support/permitted.ts';
import { processTree } from '../support/process-tree.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = `${root}dist/package/start-server`;
/** By project; the projects run side by side. */
const tests = {
  e2e: ['daemonize', 'deploy', 'environment', 'fixed-fds', 'ready-notify', 'sockets-tcp', 'status'],
  'e2e-loads': ['load'],
};
const worker = 'echo "generation $SERVER_STARTER_GENERATION"; kill -TERM $PPID; exec sleep 10';
const namespace = ['unshare', '--mount', '--map-root-user'];

let dir: TempDir;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  await execa('npm', ['run', '--silent', 'package:file'], { cwd: root });
  dir = tempDir();
  // An ordinary user finds his programs there, too.
  chmodSync(dir.path, 0o755);
  env = { PATH: everythingButNode(dir), HOME: dir.path };
  return () => dir[Symbol.dispose]();
});

describe('the single file, where there is no Node,', () => {
  it.concurrent.each(
    Object.entries(tests),
  )('passes the tests of the program in %s', async (project, names) => {
    const vitest = [`${root}node_modules/vitest/vitest.mjs`, 'run', '--config=test/vitest.config.ts'];
    const words = [...vitest, `--project=${project}`, ...names.map((name) => `/${name}.test.ts`)];
    const options = { cwd: root, extendEnv: false, all: true, reject: false } as const;
    const tested = { ...env, START_SERVER: program, NO_COLOR: '1', WORKERS: '2' };
    const { exitCode, all } = await execa({ ...options, env: tested })(process.execPath, words);
    expect(exitCode, all).toBe(0);
    expect(all).toContain(`Test Files  ${names.length} passed`);
  });

  it.each(['start-server', 'start_server'])('works as %s, through a symbolic link too', async (name) => {
    const link = dir.join(`link-to-${name}`);
    symlinkSync(`${root}dist/package/${name}`, link);
    for (const command of [`${root}dist/package/${name}`, link]) {
      const options = { cwd: '/', env, extendEnv: false };
      const { stdout } = await execa(command, ['--', 'sh', '-c', worker], options);
      expect(stdout).toBe('generation 1');
    }
  });

  it('is replaced by what the link that it was started by leads to now', async () => {
    using place = tempDir();
    for (const release of ['v1', 'v2']) {
      mkdirSync(place.join(release));
      copyFileSync(program, place.join(`${release}/start-server`), constants.COPYFILE_FICLONE);
    }
    symlinkSync('v1', place.join('current'));
    const tree = processTree();
    const options = { cwd: place.path, env: { ...env, ...tree.env }, extendEnv: false } as const;
    const words = ['--interval=0', '--pid-file=pid', '--status-file=status', '--', 'sleep', '1000'];
    const superdaemon = execa({ ...options, reject: false })(place.join('current/start-server'), words);
    await eventually(() => readFileSync(place.join('status')));
    symlinkSync('v2', place.join('next'));
    renameSync(place.join('next'), place.join('current'));
    await execa(options)(program, ['--upgrade', '--pid-file=pid']);
    expect(readlinkSync(`/proc/${superdaemon.pid}/exe`)).toBe(place.join('v2/start-server'));
    await tree.end();
    await superdaemon;
  });

  it('leaves nothing where it loads its native part from, even when it is killed', async () => {
    mkdirSync(dir.join('load-from'));
    const tree = processTree();
    const variables = { ...env, ...tree.env, TMPDIR: dir.join('load-from') };
    const options = { env: variables, extendEnv: false, reject: false } as const;
    const { signal } = await execa(options)(program, ['--', 'sh', '-c', 'kill -KILL $PPID']);
    await tree.end();
    expect(signal).toBe('SIGKILL');
    expect(readdirSync(dir.join('load-from'))).toEqual([]);
  });
});

describeWhere(
  'a directory that is mounted noexec',
  [...namespace, 'mount', '-t', 'tmpfs', 'none', '/mnt'],
  () => {
    it('is passed over for the next', async () => {
      expect(await versionWithout(['/tmp', '/dev/shm'])).toMatchObject({ exitCode: 0, stderr: '' });
    });

    it('is told in one line when there is no other', async () => {
      const { exitCode, stderr } = await versionWithout(['/tmp', '/var/tmp', '/dev/shm', '/run']);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^start-server: cannot load .*: set TMPDIR to .*\(\/tmp: failed to map .*\)$/);
    });
  },
);

function versionWithout(directories: readonly string[]) {
  // The program itself may lie in one of them.
  const keep = 'mount -t tmpfs none /mnt && touch /mnt/program && mount --bind "$0" /mnt/program';
  const mounts = directories.map((each) => `mount -t tmpfs -o noexec none ${each}`).join(' && ');
  const script = `${keep} && ${mounts} && exec /mnt/program --version`;
  const [command = '', ...words] = [...namespace, 'sh', '-c', script, program];
  return execa({ reject: false })(command, words);
}

/** A PATH of all that ours has, but what is Node's. */
function everythingButNode(dir: TempDir): string {
  const bin = dir.join('bin');
  mkdirSync(bin);
  for (const each of (process.env.PATH ?? '').split(delimiter).filter(existsSync)) {
    for (const name of readdirSync(each)) {
      const link = join(bin, name);
      if (!/^(node|npm|npx|start[-_]server)/.test(name) && !existsSync(link))
        symlinkSync(join(each, name), link);
    }
  }
  return bin;
}
