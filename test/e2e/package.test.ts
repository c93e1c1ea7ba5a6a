import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { describeOurs } from '../support/ours.ts';
import { startRegistry } from '../support/registry.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const modules = join(root, 'node_modules');
const exec = promisify(execFile);

describeOurs('the package', () => {
  it('holds only what is needed', () => {
    const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
    const printed = execFileSync('npm', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [{ files }] = JSON.parse(printed);
    const paths: string[] = files.map(({ path }: { readonly path: string }) => path);
    const library = /^dist\/library\/(esm|cjs)\/(index\.js|package\.json|(library\/)?[a-z-]+\.d\.ts)$/;
    const isNamed = (path: string) => library.test(path) || /^(docs|examples)\//.test(path);
    expect(paths.filter((path) => !isNamed(path)).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin/start-server',
      'dist/library/inherit.cjs',
      'dist/library/inherit.d.cts',
      'dist/make-code-cache.cjs',
      'dist/start-server-cached.cjs',
      'dist/start-server-rest.cjs',
      'dist/start-server.1',
      'dist/start-server.cjs',
      'dist/start_server.1',
      'package.json',
    ]);
  });

  it('names no file that it does not hold, and no address in its lock file', () => {
    const { bin, man, types, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const library = ['import', 'require'].flatMap((kind) => Object.values<string>(exports['.'][kind]));
    const named: string[] = [...Object.values<string>(bin), ...man, types, ...library];
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved": "http');
  });
});

describeOurs('installed for all, by npm, where there is no compiler', () => {
  let dir: TempDir;
  const inPrefix = (path: string) => dir.join(join('prefix', path));
  beforeAll(async () => {
    dir = tempDir();
    mkdirSync(dir.join('packed'));
    const native = readdirSync(join(modules, '@koromix')).map((name) => join(modules, '@koromix', name));
    const packages = [root, join(modules, 'koffi'), ...native];
    await using registry = await startRegistry(packages, dir.join('packed'));
    const options = [`--prefix=${dir.join('prefix')}`, `--cache=${dir.join('cache')}`];
    await exec('npm', ['install', '--global', `--registry=${registry.url}`, ...options, 'superdaemon'], {
      cwd: dir.path,
      env: { PATH: onlyNode(dir), HOME: dir.path },
      timeout: 50_000,
    });
    return () => dir[Symbol.dispose]();
  });

  it.each([
    'start-server',
    'start_server',
  ])('%s works from anywhere, through a symbolic link too', async (name) => {
    const link = dir.join(`link-to-${name}`);
    symlinkSync(inPrefix(`bin/${name}`), link);
    const worker = 'echo "generation $SERVER_STARTER_GENERATION"; kill -TERM $PPID; exec sleep 10';
    for (const command of [inPrefix(`bin/${name}`), link]) {
      const { stdout } = await exec(command, ['--', 'sh', '-c', worker], { cwd: '/', timeout: 10_000 });
      expect(stdout).toBe('generation 1\n');
    }
  });

  it('brings the manual page and the library', async () => {
    expect(readFileSync(inPrefix('share/man/man1/start-server.1'), 'utf8')).toMatch(/^\.TH START/);
    expect(readFileSync(inPrefix('share/man/man1/start_server.1'), 'utf8')).toBe('.so man1/start-server.1\n');
    const code = "process.stdout.write(Object.keys(require('superdaemon')).sort().join(' '))";
    const env = { ...process.env, NODE_PATH: inPrefix('lib/node_modules') };
    const { stdout } = await exec(process.execPath, ['-e', code], { env });
    expect(stdout.split(' ')).toEqual(expect.arrayContaining(['listen', 'ready', 'serverPorts']));
  });
});

/** A PATH with what npm needs, and nothing that compiles. */
function onlyNode(dir: TempDir): string {
  mkdirSync(dir.join('bin'));
  const npm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
  const programs = { node: process.execPath, npm, sh: '/bin/sh', env: '/usr/bin/env' };
  for (const [name, file] of Object.entries(programs)) symlinkSync(file, dir.join(join('bin', name)));
  return dir.join('bin');
}
