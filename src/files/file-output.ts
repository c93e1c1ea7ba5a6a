import { closeQuietly } from '../posix/file/descriptor.ts';
import { closeStreams, keepStreams } from './kept-streams.ts';
import { openLogFile } from './open-log-file.ts';
import { asItIs, type Output, type OutputOptions } from './output.ts';
import { pointStreams, saveStreams } from './saved-streams.ts';
import type { Streams } from './supervised-command.ts';

export function fileOutput(path: string, { inBackground, caller }: OutputOptions): Output {
  const fd = openLogFile(path);
  const original = saveStreams();
  let streams: Streams | undefined;
  return {
    ...asItIs,
    redirect: () => pointAt(fd),
    restore: original.restore,
    tellCaller: original.tell,
    settle: () => {
      if (inBackground) original[Symbol.dispose]();
      else streams ??= keepStreams(original.release(), caller.environment);
    },
    reopen: reopener(path),
    forSuccessor: () => ({ logCommand: undefined, streams }),
    [Symbol.dispose]: () => {
      original[Symbol.dispose]();
      if (streams !== undefined) closeStreams(streams);
    },
  };
}

/** Descriptors 1 and 2 lead there already. */
export function intoFile(path: string, streams: Streams | undefined): Output {
  return {
    ...asItIs,
    reopen: reopener(path),
    forSuccessor: () => ({ logCommand: undefined, streams }),
    [Symbol.dispose]: () => streams && closeStreams(streams),
  };
}

function reopener(path: string): () => true {
  return () => {
    pointAt(openLogFile(path));
    return true;
  };
}

export function pointAt(log: number): void {
  pointStreams(log, log);
  closeQuietly(log);
}
