const { closeSync, openSync, readSync } = require('node:fs');

/** What npm calls koffi's binary for this Linux. */
exports.koffiBinary = () => {
  const libc = isOfMusl() ? 'musl' : 'linux';
  return `@koromix/koffi-linux-${process.arch}/${libc}_${process.arch}/koffi.node`;
};

/** An executable names its dynamic loader near its beginning. */
function isOfMusl() {
  const start = Buffer.alloc(4096);
  const fd = openSync('/proc/self/exe');
  readSync(fd, start);
  closeSync(fd);
  return start.includes('/ld-musl-');
}
