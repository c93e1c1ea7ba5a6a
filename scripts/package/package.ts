// `npm run package`: dist/package/start-server, the program and the Node that runs this in one file, for a system like
// the one that it is made on; beside it what --as=node preloads in the workers, which has to be a file.

import { execFileSync } from 'node:child_process';
import {
  constants,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { koffiBinary } from '../../src/posix/libc/koffi-binary.cjs';

const directory = 'dist/package';
const program = `${directory}/start-server`;
const draft = `${directory}/draft`;
const blob = `${directory}/blob`;

/** What Node looks for inside itself: see "Single executable applications" in its manual. */
const resource = 'NODE_SEA_BLOB';
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

class PackagingError extends Error {}

function main(): void {
  refuseUnfit();
  mkdirSync(directory, { recursive: true });
  copyFileSync(process.execPath, draft, constants.COPYFILE_FICLONE);
  strip();
  makeBlob();
  run('node_modules/.bin/postject', draft, resource, blob, '--sentinel-fuse', fuse);
  rmSync(blob);
  const version = run(draft, '--version').trim();
  // One that runs cannot be overwritten, but replaced.
  renameSync(draft, program);
  copyFileSync('dist/library/inherit.cjs', `${program}.inherit.cjs`);
  rmSync(`${directory}/start_server`, { force: true });
  symlinkSync('start-server', `${directory}/start_server`);
  tell(
    `${program}: ${version}, Node ${process.versions.node}, ${Math.round(statSync(program).size / 1e6)} MB`,
  );
}

function refuseUnfit(): void {
  if (process.platform !== 'linux') throw new PackagingError('a single file is made on and for Linux');
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 12))
    throw new PackagingError(`Node 20.12 or later is needed, this is ${process.versions.node}`);
  // Debian's own, for one, is a small program around a shared library.
  if (!readFileSync(process.execPath).includes(fuse))
    throw new PackagingError(
      `${process.execPath} cannot carry a program: take Node's own build, from nodejs.org`,
    );
}

/** Node comes with symbols for debuggers, an eighth of its size. */
function strip(): void {
  try {
    run('strip', draft);
  } catch {
    tell('strip(1), of binutils, cannot be run: the file will be larger than it need be');
  }
}

function makeBlob(): void {
  const config = {
    main: 'dist/package/program.cjs',
    output: blob,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    assets: { 'koffi.node': join('node_modules', koffiBinary()) },
  };
  const file = `${directory}/config.json`;
  writeFileSync(file, JSON.stringify(config));
  run(process.execPath, '--experimental-sea-config', file);
  rmSync(file);
}

function tell(line: string): void {
  process.stderr.write(`package: ${line}\n`);
}

function run(command: string, ...words: readonly string[]): string {
  return execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

try {
  main();
} catch (error) {
  tell(error instanceof PackagingError ? error.message : String(error));
  process.exitCode = 1;
}
