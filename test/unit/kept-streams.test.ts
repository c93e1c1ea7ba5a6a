import { fstatSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keepStreams } from '../../src/files/kept-streams.ts';
import { closeQuietly } from '../../src/posix/file/descriptor.ts';
import { pipe } from '../../src/posix/file/pipe.ts';
import { socketPair } from '../../src/posix/socket/socket-pair.ts';
import { tempDir } from '../support/temp-dir.ts';

const nothing = new Map<string, string>();

/** Returns whether the file is still open there: its number may be another one's by then. */
function watchFile(fd: number): () => boolean {
  const { dev, ino } = fstatSync(fd);
  return () => {
    try {
      const now = fstatSync(fd);
      return now.dev === dev && now.ino === ino;
    } catch {
      return false;
    }
  };
}

describe('the standard streams of a start with a log', () => {
  it('are kept where nobody waits for their end: a file, a device', () => {
    using dir = tempDir();
    const [stdout, stderr] = [openSync('/dev/null', 'w'), openSync(dir.join('errors'), 'w')];
    expect(keepStreams({ stdout, stderr }, nothing)).toEqual({ stdout, stderr });
    for (const fd of [stdout, stderr]) closeQuietly(fd);
  });

  it('are closed where a pipe is the standard error; that of the output becomes the standard error', () => {
    const { read, write } = pipe();
    const device = openSync('/dev/null', 'w');
    const isOpen = { read: watchFile(read), write: watchFile(write) };
    expect(keepStreams({ stdout: write, stderr: device }, nothing)).toEqual({
      stdout: device,
      stderr: device,
    });
    expect([isOpen.write(), isOpen.read()]).toEqual([false, true]);
    expect(keepStreams({ stdout: device, stderr: read }, nothing)).toBe(undefined);
    expect(isOpen.read()).toBe(false);
  });

  it('are closed where a socket is, unless it is the one by which the journal hears us', () => {
    const [ours, theirs] = socketPair();
    const { dev, ino } = fstatSync(ours);
    const isOpen = watchFile(ours);
    const journal = new Map([['JOURNAL_STREAM', `${dev}:${ino}`]]);
    expect(keepStreams({ stdout: ours, stderr: ours }, journal)).toEqual({ stdout: ours, stderr: ours });
    expect(keepStreams({ stdout: ours, stderr: ours }, nothing)).toBe(undefined);
    expect(isOpen()).toBe(false);
    closeQuietly(theirs);
  });
});
