import { cpSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { wrap } from 'node:module';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { describeOurs } from '../support/ours.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const BUNDLE = 'dist/start-server.cjs';
const CACHE = 'dist/start-server.cache';
const WITNESS = `
const vm = require('node:vm');
vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    const verdict = { true: 'rejected', false: 'taken', undefined: 'none' }[this.cachedDataRejected];
    require('node:fs').writeSync(2, \`cache: \${verdict}\\n\`);
  }
};`;

describeOurs('the code cache', () => {
  it('is made by the build, and taken at a start', async () => {
    using dir = copyOfOurs();
    expect(await version(dir)).toBe('cache: taken');
  });

  it('spares a start the bundle that it was made of, until that changes', async () => {
    using dir = copyOfOurs();
    await execa(process.execPath, [dir.join('dist/make-code-cache.cjs')]);
    const { mtime, atime } = statSync(dir.join(BUNDLE));
    expect(await version(dir)).toBe('cache: taken');
    changeBundle(dir);
    utimesSync(dir.join(BUNDLE), atime, mtime);
    expect(await version(dir)).toBe('cache: none');
  });

  it.each<[string, string, (dir: TempDir) => void]>([
    ['is missing', 'none', (dir) => rmSync(dir.join(CACHE))],
    ['is empty', 'none', (dir) => writeFileSync(dir.join(CACHE), '')],
    ['is of another bundle', 'none', changeBundle],
    ['is of another Node', 'none', (dir) => writeFileSync(dir.join(CACHE), ofAnotherNode(dir))],
    ['is of another V8', 'rejected', (dir) => writeFileSync(dir.join(CACHE), ofAnotherV8(dir))],
    ['is cut short', 'rejected', (dir) => writeFileSync(dir.join(CACHE), cache(dir).subarray(0, -1000))],
  ])('that %s is done without', async (_, verdict, spoil) => {
    using dir = copyOfOurs();
    spoil(dir);
    expect(await version(dir)).toBe(`cache: ${verdict}`);
  });

  it('is made anew by the installed package', async () => {
    using dir = copyOfOurs();
    rmSync(dir.join(CACHE));
    await execa(process.execPath, [dir.join('dist/make-code-cache.cjs')]);
    expect(await version(dir)).toBe('cache: taken');
  });

  it('is no condition: what cannot be written is not made, and nothing is said', async () => {
    using dir = copyOfOurs();
    rmSync(dir.join('bin'), { recursive: true });
    const { stdout, stderr } = await execa(process.execPath, [dir.join('dist/make-code-cache.cjs')]);
    expect(stdout + stderr).toBe('');
  });
});

function copyOfOurs(): TempDir {
  const dir = tempDir();
  for (const name of ['bin', 'dist']) cpSync(root + name, dir.join(name), { recursive: true });
  symlinkSync(`${root}node_modules`, dir.join('node_modules'));
  writeFileSync(dir.join('witness.cjs'), WITNESS);
  return dir;
}

/** What became of the cache when it was asked for its version, which it told. */
async function version(dir: TempDir): Promise<string> {
  const env = { START_SERVER_NODE_OPTIONS: `--require=${dir.join('witness.cjs')}` };
  const { stdout, stderr } = await execa(dir.join('bin/start-server'), ['--version'], { env });
  expect(stdout).toBe(JSON.parse(readFileSync(`${root}package.json`, 'utf8')).version);
  return stderr;
}

function cache(dir: TempDir): Buffer {
  return readFileSync(dir.join(CACHE));
}

/** Of the same length. */
function changeBundle(dir: TempDir): void {
  const source = readFileSync(dir.join(BUNDLE), 'latin1');
  writeFileSync(dir.join(BUNDLE), source.replace('"exiting"', '"EXITING"'));
}

/** Of another build of the same version, whose V8 has the same name: only by its size and time is it told from ours. */
function ofAnotherNode(dir: TempDir): Buffer {
  const [maker = '', ...rest] = cache(dir).toString('latin1').split('\n');
  expect(maker.split(' ')).toEqual([
    ...[process.version, process.versions.v8, process.arch],
    ...[String(statSync(process.execPath).size), String(statSync(process.execPath).mtimeMs)],
  ]);
  return Buffer.from([`${maker}1`, ...rest].join('\n'), 'latin1');
}

/** V8 keeps the hash of its version behind a magic number. */
function ofAnotherV8(dir: TempDir): Buffer {
  const bytes = cache(dir);
  const source = bytes.indexOf('\n', bytes.indexOf('\n') + 1) + 1;
  // What V8 has made begins at a word's address.
  const start = (source + wrap('').length + statSync(dir.join(BUNDLE)).size + 7) & ~7;
  bytes.writeUInt32LE((bytes.readUInt32LE(start + 4) ^ 1) >>> 0, start + 4);
  return bytes;
}
