// koffi, by way of its binary: its loader finds out in 6 ms what we know, and where npm puts it require() in one. Elsewhere,
// and should it not be there, they have their way. The single executable carries the binary inside.

const { existsSync, writeSync } = require('node:fs');
const { koffiBinary } = require('./koffi-binary.cjs');
const { loadEmbedded } = require('./embedded.cjs');

/** Under a name: of a module without names the bundler copies all that it has to each place that imports it. */
exports.koffi = loadOrEnd();

/** Our other modules stand on this one, those that tell a failure too: so it is told here. */
function loadOrEnd() {
  try {
    return loadEmbedded('koffi.node') ?? load();
  } catch (error) {
    writeSync(2, `start-server: ${error.message.split('\n')[0]}\n`);
    return process.exit(1);
  }
}

function load() {
  if (process.platform !== 'linux') return require('koffi');
  try {
    const binary = koffiBinary();
    // Seen from the bundle: among its own packages, or among those that it was installed with.
    const places = ['../node_modules', '../..'].map((place) => `${__dirname}/${place}/${binary}`);
    return open(places.find(existsSync) ?? require.resolve(binary));
  } catch {
    return require('koffi');
  }
}

function open(path) {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports;
}
