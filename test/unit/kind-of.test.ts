import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { kindOf } from '../../src/library/kind-of.ts';
import { tempDir } from '../support/temp-dir.ts';

const withoutProc = () => {
  throw new Error('ENOENT');
};

describe.each([
  ['by the name that the kernel has for it', readlinkSync],
  ['where there is no /proc', withoutProc as unknown as typeof readlinkSync],
])('what is open at a descriptor is known %s', (_, readlink) => {
  const files = { fstatSync, readlinkSync: readlink };

  it('a pipe that has a name', () => {
    using dir = tempDir();
    spawnSync('mkfifo', [dir.join('fifo')]);
    const fd = openSync(dir.join('fifo'), 'r+');
    expect(kindOf(fd, files)).toBe('pipe');
    closeSync(fd);
  });

  it('a socket', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { fd } = (server as typeof server & { readonly _handle: { readonly fd: number } })._handle;
    expect(kindOf(fd, files)).toBe('socket');
    server.close();
  });

  it('something else', () => {
    const fd = openSync('/dev/null', 'r');
    expect(kindOf(fd, files)).toBe('other');
    closeSync(fd);
    expect(() => kindOf(fd, files)).toThrow('EBADF');
  });
});
