// koffi, by way of its binary: its loader finds out in 6 ms what we know. Elsewhere, and should the binary not be where
// npm puts it, the loader has its way. The single executable carries the binary inside.

const { writeSync } = require('node:fs');
const { koffiBinary } = require('./koffi-binary.cjs');
const { loadEmbedded } = require('./embedded.cjs');

module.exports = loadOrEnd();

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
    return require(koffiBinary());
  } catch {
    return require('koffi');
  }
}
