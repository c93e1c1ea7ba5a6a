// In which ways a call can fail: errnos of its manual page, those first that are met. `SHORT`: it does half of what it is
// asked. `FALSE`, `NULL`, `ZERO`: what a call says instead of an errno. `CHILD-n`: the n-th call of a child that it bears fails.

const { fstatSync } = require('node:fs');

const always =
  (...ways) =>
  () =>
    ways;

const NO_DESCRIPTOR = ['EMFILE', 'ENFILE'];
/** Neither a pipe nor a socket. */
const isFile = (fd) => fstatSync(fd).isFile();
const O_CREAT = 0o100;

exports.waysOfNode = {
  accessSync: always('EACCES', 'EIO'),
  chmodSync: always('EPERM', 'EROFS'),
  chownSync: always('EPERM', 'EROFS'),
  closeSync: always('EIO', 'EINTR'),
  existsSync: always('FALSE'),
  fchmodSync: always('EPERM', 'EIO'),
  fstatSync: always('EIO', 'ENOMEM'),
  ftruncateSync: always('EIO', 'EINTR'),
  lchownSync: always('EPERM', 'EROFS'),
  linkSync: always('ENOSPC', 'EEXIST', 'EPERM'),
  lstatSync: always('EACCES', 'ENOMEM'),
  mkdirSync: always('ENOSPC', 'EACCES', 'EEXIST'),
  openSync: ([, flags]) =>
    flags === 'r' || flags === undefined || (typeof flags === 'number' && (flags & O_CREAT) === 0)
      ? [...NO_DESCRIPTOR, 'EACCES', 'EINTR']
      : [...NO_DESCRIPTOR, 'ENOSPC', 'EACCES', 'EROFS'],
  readFileSync: always('EMFILE', 'EIO', 'ENOENT'),
  readSync: ([fd]) => (isFile(fd) ? ['EIO', 'EINTR', 'SHORT'] : ['EAGAIN', 'EINTR', 'SHORT']),
  readdir: always('EMFILE', 'ENOENT'),
  readdirSync: always('EMFILE', 'EACCES', 'ENOENT'),
  readlinkSync: always('EACCES', 'ENOENT'),
  realpathSync: always('EACCES', 'EIO'),
  renameSync: always('ENOSPC', 'EACCES', 'EIO'),
  rmSync: always('EACCES', 'EBUSY'),
  rmdirSync: always('ENOTEMPTY', 'EBUSY', 'EACCES'),
  statSync: always('EACCES', 'EIO'),
  unlinkSync: always('EACCES', 'EBUSY', 'ENOENT'),
  watch: always('ENOSPC', 'EMFILE'),
  write: ([fd]) => (isFile(fd) ? ['ENOSPC', 'EIO', 'SHORT'] : ['EAGAIN', 'EPIPE', 'SHORT']),
  writeFileSync: always('ENOSPC', 'EIO'),
  writeSync: ([fd]) => (isFile(fd) ? ['ENOSPC', 'EIO', 'SHORT'] : ['EAGAIN', 'EPIPE', 'SHORT']),
};

const [F_SETFD, F_DUPFD_CLOEXEC] = [2, 1030];
/** System calls of Linux that are made by number: those above 423 have one for all machines. */
const BY_NUMBER = {
  424: ['EPERM', 'ESRCH', 'ENOSYS'],
  434: ['EMFILE', 'ESRCH', 'ENOSYS', 'ENODEV'],
  438: ['EPERM', 'EMFILE', 'ENOSYS', 'EBADF'],
};
const CHILD_CALL = 48;

/** Of the calls that a child is to make, which begin with their numbers. */
function firstOfEachKind(list) {
  const numbers = Array.from({ length: list.length / CHILD_CALL }, (_, place) =>
    list.readInt32LE(place * CHILD_CALL),
  );
  return [...new Set(numbers)].map((number) => numbers.indexOf(number));
}

exports.waysOfC = {
  accept: always('EAGAIN', 'ECONNABORTED', 'EMFILE', 'EINTR'),
  bind: always('EADDRINUSE', 'EACCES', 'ENOMEM'),
  clone: ([, , , list]) => ['EAGAIN', 'ENOMEM', ...firstOfEachKind(list).map((place) => `CHILD-${place}`)],
  close: always('EIO', 'EINTR'),
  connect: always('ECONNREFUSED', 'EAGAIN', 'EINTR', 'EACCES'),
  dlopen: always('NULL'),
  dlsym: always('NULL'),
  dup2: always('EBUSY', 'EINTR', 'EMFILE'),
  execve: always('ENOENT', 'ENOMEM', 'E2BIG', 'ETXTBSY'),
  fcntl: ([, command]) => {
    if (command === F_DUPFD_CLOEXEC) return ['EMFILE', 'EINVAL'];
    return command === F_SETFD ? [] : ['EBADF'];
  },
  flock: always('EAGAIN', 'EINTR', 'ENOLCK'),
  getentropy: always('EIO', 'ENOSYS'),
  getgrouplist: always(),
  getpwnam: always('NULL'),
  getpwuid: always('NULL'),
  getgrnam: always('NULL'),
  getrlimit: always('EINVAL'),
  getsockname: always('ENOBUFS'),
  getsockopt: always('ENOPROTOOPT', 'ENOMEM'),
  isatty: always('ZERO'),
  kill: always('EPERM'),
  listen: always('EADDRINUSE', 'EOPNOTSUPP'),
  madvise: always('ENOMEM', 'EAGAIN'),
  memfd_create: always('EMFILE', 'ENOMEM', 'ENOSYS'),
  mmap: always('ENOMEM'),
  mprotect: always('ENOMEM', 'EACCES'),
  pipe: always(...NO_DESCRIPTOR),
  poll: always('EINTR', 'ENOMEM'),
  posix_spawn: always('EAGAIN', 'ENOMEM'),
  recvmsg: always('EAGAIN', 'EINTR', 'ENOMEM'),
  sendmsg: always('EAGAIN', 'ENOBUFS', 'EPIPE', 'ENOMEM'),
  sendto: always('EAGAIN', 'ENOBUFS', 'ECONNREFUSED', 'EINTR'),
  setrlimit: always('EPERM'),
  setsockopt: always('ENOMEM', 'ENOPROTOOPT'),
  sigaction: always('EINVAL'),
  signal: always('EINVAL'),
  sigprocmask: always('EINVAL'),
  socket: always(...NO_DESCRIPTOR, 'ENOBUFS', 'EACCES'),
  syscall: ([number]) => BY_NUMBER[number] ?? ['ENOSYS', 'EPERM', 'EINTR'],
  tee: always('ENOMEM', 'EINVAL'),
  waitid: always('ECHILD', 'EINTR'),
  waitpid: always('ECHILD', 'EINTR'),
};
