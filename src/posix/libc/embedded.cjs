// A native module inside the single executable. dlopen takes nothing but a file: so it gets one without a name, of which
// nothing is left when the process ends, however it ends.

const { closeSync, constants, existsSync, openSync, unlinkSync, writeFileSync } = require('node:fs');

const { O_CREAT, O_DIRECTORY, O_EXCL, O_RDWR } = constants;
/** Node has no name for it. The flag for the directory, a part of it, differs from one architecture to the other. */
const O_TMPFILE = 0o20000000 | O_DIRECTORY;

/** undefined when this is no single executable. Throws, in one line, when there is no /proc, or no directory is fit. */
exports.loadEmbedded = (name) => {
  if (sea === undefined) return undefined;
  if (!existsSync('/proc/self/fd')) throw new Error('the single file needs /proc: mount it');
  const binary = Buffer.from(sea.getRawAsset(name));
  const obstacles = [];
  for (const directory of directories()) {
    try {
      return loadFrom(directory, binary);
    } catch (error) {
      obstacles.push(`${directory}: ${error.message.replace(/^\/proc\/self\/fd\/\d+: /, '')}`);
    }
  }
  const wish = 'set TMPDIR to a directory that can be written and is not mounted noexec';
  throw new Error(`cannot load our native part: ${wish} (${obstacles.join('; ')})`);
};

exports.isSea = () => sea !== undefined;

/** undefined too where Node, before 20.12, knows of no such thing. */
const sea = ownSea();

function ownSea() {
  try {
    const module = require('node:sea');
    return module.isSea() ? module : undefined;
  } catch {
    return undefined;
  }
}

/** Containers often mount the one read-only and the other noexec. */
function directories() {
  const { TMPDIR, XDG_RUNTIME_DIR } = process.env;
  return [...new Set([TMPDIR, XDG_RUNTIME_DIR, '/tmp', '/var/tmp', '/dev/shm', '/run'])].filter(Boolean);
}

function loadFrom(directory, binary) {
  const fd = namelessFile(directory);
  try {
    writeFileSync(fd, binary);
    const module = { exports: {} };
    process.dlopen(module, `/proc/self/fd/${fd}`);
    return module.exports;
  } finally {
    closeSync(fd);
  }
}

function namelessFile(directory) {
  try {
    return openSync(directory, O_TMPFILE | O_EXCL | O_RDWR, 0o700);
  } catch (error) {
    // overlayfs before Linux 6.1, among others.
    if (error.code !== 'EOPNOTSUPP' && error.code !== 'ENOTSUP') throw error;
  }
  const path = `${directory}/start-server-${require('node:crypto').randomUUID()}`;
  const fd = openSync(path, O_CREAT | O_EXCL | O_RDWR, 0o700);
  unlinkSync(path);
  return fd;
}
