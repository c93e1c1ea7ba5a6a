import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { execa } from 'execa';

/** A named pipe that holds all it can, and that somebody has open without ever reading it. */
export async function fullPipe(path: string): Promise<Disposable> {
  await execa('mkfifo', [path]);
  const end = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  // In large steps and then in bytes, to the last one.
  for (const size of [4096, 1]) {
    while (writes(end, Buffer.alloc(size))) {}
  }
  return { [Symbol.dispose]: () => closeSync(end) };
}

function writes(end: number, bytes: Buffer): boolean {
  try {
    return writeSync(end, bytes) > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
    throw error;
  }
}
