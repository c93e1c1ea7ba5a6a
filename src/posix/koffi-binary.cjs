const { readFileSync } = require('node:fs');

/** What npm calls koffi's binary for this Linux. */
exports.koffiBinary = () => {
  // A process of musl's has its loader mapped, one of glibc's never.
  const libc = readFileSync('/proc/self/maps', 'latin1').includes('/ld-musl-') ? 'musl' : 'linux';
  return `@koromix/koffi-linux-${process.arch}/${libc}_${process.arch}/koffi.node`;
};
