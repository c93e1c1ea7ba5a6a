import { closeQuietly, makePrivate } from '../posix/descriptor.ts';
import { bind, socket } from '../posix/libc.ts';
import { platform } from '../posix/platform.ts';
import { abstractAddress } from '../posix/sockaddr.ts';
import { sleep } from '../sleep.ts';

const PATIENCE_MS = 1000;
const RETRY_MS = 10;

/**
 * Two that start at the same time must not both take a socket over: the second is to find it in the hands of the first. The
 * kernel's own name for it goes with the process. Nobody waits long, for anybody may have taken the name.
 */
export async function takeTurn(): Promise<Disposable> {
  const fd = socket(platform.AF_UNIX, platform.SOCK_STREAM, 0);
  makePrivate(fd);
  const address = abstractAddress(`start-server/recovery/${process.geteuid?.()}`);
  for (let waited = 0; !canBind(fd, address) && waited < PATIENCE_MS; waited += RETRY_MS)
    await sleep(RETRY_MS);
  return { [Symbol.dispose]: () => closeQuietly(fd) };
}

function canBind(fd: number, address: Buffer): boolean {
  try {
    bind(fd, address, address.length);
    return true;
  } catch {
    return false;
  }
}
