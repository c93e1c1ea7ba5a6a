const { closeSync, openSync, readSync } = require('node:fs');

/** What npm calls koffi's binary for this Linux. */
exports.koffiBinary = () => {
  const libc = exports.isOfMusl(executable()) ? 'musl' : 'linux';
  return `@koromix/koffi-linux-${process.arch}/${libc}_${process.arch}/koffi.node`;
};

/** Whether this executable, of which a descriptor is given and closed, names musl's dynamic loader: see elf(5). */
exports.isOfMusl = (fd) => {
  try {
    const header = read(fd, 0, 64);
    const [at, size, count] = [header.readBigUInt64LE(32), header.readUInt16LE(54), header.readUInt16LE(56)];
    const table = read(fd, Number(at), size * count);
    let entry = 0;
    while (entry < table.length && table.readUInt32LE(entry) !== PT_INTERP) entry += size;
    if (entry >= table.length) return false;
    const loader = read(
      fd,
      Number(table.readBigUInt64LE(entry + 8)),
      Number(table.readBigUInt64LE(entry + 32)),
    );
    return loader.includes('/ld-musl-');
  } finally {
    closeSync(fd);
  }
};

const PT_INTERP = 3;

/** Where there is no /proc Node has to know it. */
function executable() {
  try {
    return openSync('/proc/self/exe');
  } catch {
    return openSync(process.execPath);
  }
}

function read(fd, position, length) {
  const bytes = Buffer.alloc(length);
  readSync(fd, bytes, 0, length, position);
  return bytes;
}
