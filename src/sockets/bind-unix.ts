import { removeOwnFile } from '../posix/file/own-file.ts';
import { toBytes } from '../posix/libc/bytes.ts';
import { listen } from '../posix/libc/libc.ts';
import { bindTo } from '../posix/socket/sockaddr.ts';
import { bindWithAccess, type PathAccess } from './path-access.ts';
import type { UnixSpec } from './socket-spec.ts';

export interface UnixBinding {
  readonly pathAccess: PathAccess;
  readonly backlog: number;
}

/** Makes the socket's file, and returns what tells it from any other (own-file.ts); it leaves none at which nobody listens. */
export function bindUnix(fd: number, { path }: UnixSpec, { pathAccess, backlog }: UnixBinding): string {
  const file = bindWithAccess(path, pathAccess, () => bindTo(fd, { family: 'unix', path: toBytes(path) }));
  try {
    listen(fd, backlog);
    return file;
  } catch (error) {
    removeOwnFile(path, file)();
    throw error;
  }
}
