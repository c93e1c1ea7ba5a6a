// Runs the bundle beside it, with the code that V8 made of it earlier (make.cjs): compiling is a good part of what a start
// costs. The cache begins with a line on who made it, for V8 does not tell all its builds apart: taking another's, it crashes.
// Then come a line on the bundle's file and the bundle itself, so that what belongs to another one is never taken; then
// what V8 has made. In syntax that any Node understands: the first lines tell one that is too old what is needed.

refuseUnfit();

const { readFileSync, statSync } = require('node:fs');
const { Script } = require('node:vm');

const { wrap, wrapper } = module.constructor;

const filename = `${__dirname}/start-server.cjs`;
const maker = Buffer.from(makerLine());
const bundle = readable(() => statSync(filename));
const file = Buffer.from(fileLine(bundle));
const { source, cachedData } = withCache(bundle);

// `maker` and `file` are for make.cjs, which looks in.
new Script(source, { filename, cachedData, maker, file }).runInThisContext()(
  exports,
  require,
  module,
  filename,
  __dirname,
);

function refuseUnfit() {
  const { bun, deno } = process.versions;
  const version = process.version.slice(1).split('.').map(Number);
  if (!bun && !deno && (version[0] > 20 || (version[0] === 20 && version[1] >= 4))) return;
  const name = (bun && `Bun ${bun}`) || (deno && `Deno ${deno}`) || process.version;
  process.stderr.write(`start-server needs Node 20.4 or later; this is ${name} (${process.execPath})\n`);
  process.exit(1);
}

/** The program is away while it is installed anew, or lies on a disk that fails. */
function readable(read) {
  try {
    return read();
  } catch (error) {
    process.stderr.write(`start-server: cannot read the program: ${error.message}\n`);
    return process.exit(1);
  }
}

/** Empty where nobody can tell: without /proc Node does not know where it lies. */
function makerLine() {
  try {
    const { size, mtimeMs } = statSync(process.execPath);
    return `${process.version} ${process.versions.v8} ${process.arch} ${size} ${mtimeMs}\n`;
  } catch (_) {
    return '';
  }
}

/** By the kernel's time of its last change: nobody can set that back. */
function fileLine({ dev, ino, size, ctimeMs }) {
  return `${dev} ${ino} ${size} ${ctimeMs}\n`;
}

/** What the cache was made of need not be read: it is in there. A copy of that is compared with it. */
function withCache({ size }) {
  const cache = readCache();
  const fileAt = maker.length;
  const sourceAt = cache.indexOf('\n', fileAt) + 1;
  const end = sourceAt + wrapper[0].length + size + wrapper[1].length;
  // Latin-1 is what esbuild writes, and the quickest to read.
  const cached = { source: cache.latin1Slice(sourceAt, end), cachedData: cache.subarray(aligned(end)) };
  const isOurs = maker.length > 0 && cache.subarray(0, fileAt).equals(maker);
  if (isOurs && cache.subarray(fileAt, sourceAt).equals(file)) return cached;
  const source = wrap(readable(() => readFileSync(filename)).latin1Slice());
  return isOurs && source === cached.source ? cached : { source };
}

/** V8 makes a copy of what does not begin at a word's address. */
function aligned(offset) {
  return (offset + 7) & ~7;
}

/** Empty where there is none. */
function readCache() {
  try {
    return readFileSync(`${__dirname}/start-server.cache`);
  } catch (_) {
    return Buffer.alloc(0);
  }
}
