// Runs the bundle beside it, with the code that V8 made of it earlier (make.cjs): compiling is a good part of what a start
// costs. A cache begins with what it was made by, for V8 does not tell all its builds apart: taking another's, it crashes.
// Behind that comes the source, so one of another bundle is never taken. In syntax that any Node understands: its first
// lines tell one that is too old what is needed.

refuseUnfit();

const { readFileSync, statSync } = require('node:fs');
const { Script } = require('node:vm');

const { wrap, wrapper } = module.constructor;

const filename = `${__dirname}/start-server.cjs`;
const maker = Buffer.from(makerLine());
const { source, cachedData } = withCache(readFileSync(filename));

// `maker` is for make.cjs, which looks in.
new Script(source, { filename, cachedData, maker }).runInThisContext()(
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

/** Empty where nobody can tell: without /proc Node does not know where it lies. */
function makerLine() {
  try {
    const { size, mtimeMs } = statSync(process.execPath);
    return `${process.version} ${process.versions.v8} ${process.arch} ${size} ${mtimeMs}\n`;
  } catch (_) {
    return '';
  }
}

function withCache(bundle) {
  const cache = readCache();
  const start = maker.length + wrapper[0].length;
  const end = start + bundle.length;
  // Latin-1 is what esbuild writes, and the quickest to read.
  const isOurs = maker.length > 0 && cache.subarray(0, maker.length).equals(maker);
  if (!isOurs || !cache.subarray(start, end).equals(bundle)) return { source: wrap(bundle.latin1Slice()) };
  const length = end + wrapper[1].length;
  return { source: cache.latin1Slice(maker.length, length), cachedData: cache.subarray(length) };
}

/** Empty where there is none. */
function readCache() {
  try {
    return readFileSync(`${__dirname}/start-server.cache`);
  } catch (_) {
    return Buffer.alloc(0);
  }
}
