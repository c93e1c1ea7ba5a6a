import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { execa } from 'execa';
import { afterEach, expect, it, vi } from 'vitest';
import { ready } from '../../src/library/index.ts';
import { tempDir } from '../support/temp-dir.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('writes a newline, and closes the pipe', async () => {
  using pipe = await openPipe();
  expect(ready()).toBe(true);
  expect(pipe.read()).toBe('\n');
  expect(() => fstatSync(pipe.writer)).toThrow('EBADF');
});

it('sends a status along, as one line', async () => {
  using pipe = await openPipe();
  expect(ready('cache\nwarm,\t12 items')).toBe(true);
  expect(pipe.read()).toBe('STATUS=cache warm, 12 items\nREADY=1\n');
});

it('says so once', async () => {
  using _pipe = await openPipe();
  expect([ready(), ready()]).toEqual([true, false]);
  expect(process.env.NOTIFY_FD).toBeUndefined();
});

it('does not mind when nobody listens any more', async () => {
  using pipe = await openPipe();
  pipe.closeReader();
  expect(ready()).toBe(false);
});

/** A pipe, here one with a name, whose writing end is announced in NOTIFY_FD. */
async function openPipe() {
  using dir = tempDir();
  await execa('mkfifo', [dir.join('pipe')]);
  // For both directions, so that opening it does not wait for the other end.
  const both = openSync(dir.join('pipe'), 'r+');
  const reader = openSync(dir.join('pipe'), 'r');
  const writer = openSync(dir.join('pipe'), 'w');
  closeSync(both);
  vi.stubEnv('NOTIFY_FD', String(writer));
  const buffer = Buffer.alloc(100);
  let open = true;
  const closeReader = () => {
    if (open) closeSync(reader);
    open = false;
  };
  return {
    writer,
    closeReader,
    read: () => buffer.toString('utf8', 0, readSync(reader, buffer)),
    [Symbol.dispose]: closeReader,
  };
}
