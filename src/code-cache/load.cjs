// Runs the bundle beside it, with the code that V8 made of it earlier (make.cjs): compiling is a good part of what a start
// costs. The cache holds the source, so one of another bundle is never taken; one of another Node V8 itself refuses.
// It is dist/start-server-cached.cjs: by that name ps(1) and pgrep(1) know the process.

const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

const { wrap, wrapper } = module.constructor;

const filename = `${__dirname}/start-server.cjs`;
const { source, cachedData } = withCache(readFileSync(filename));

new Script(source, { filename, cachedData }).runInThisContext()(
  exports,
  require,
  module,
  filename,
  __dirname,
);

function withCache(bundle) {
  const cache = readCache();
  const start = wrapper[0].length;
  const end = start + bundle.length;
  // Latin-1 is what esbuild writes, and the quickest to read.
  if (!cache.subarray(start, end).equals(bundle)) return { source: wrap(bundle.latin1Slice()) };
  const length = end + wrapper[1].length;
  return { source: cache.latin1Slice(0, length), cachedData: cache.subarray(length) };
}

/** Empty where there is none. */
function readCache() {
  try {
    return readFileSync(`${__dirname}/start-server.cache`);
  } catch {
    return Buffer.alloc(0);
  }
}
