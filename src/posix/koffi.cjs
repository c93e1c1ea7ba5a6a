// koffi, by way of its binary: its loader finds out in 6 ms what we know. Elsewhere, and should the binary not be where
// npm puts it, the loader has its way.

const { readFileSync } = require('node:fs');

module.exports = load();

function load() {
  if (process.platform !== 'linux') return require('koffi');
  // A process of musl's has its loader mapped, one of glibc's never.
  const libc = readFileSync('/proc/self/maps', 'latin1').includes('/ld-musl-') ? 'musl' : 'linux';
  const binary = `@koromix/koffi-linux-${process.arch}/${libc}_${process.arch}/koffi.node`;
  try {
    return require(binary);
  } catch {
    return require('koffi');
  }
}
