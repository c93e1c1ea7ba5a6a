import { peekPipe } from '../posix/file/peek-pipe.ts';
import type { Pipe } from '../posix/file/pipe.ts';
import { whenWritable } from '../posix/libc/libc-poll.ts';

export interface PipeReader {
  /** Since the last look. */
  hasRead(): boolean;
  /** The pipe is full: from now on it counts when there is room. */
  watch(): void;
  /** What we have read ourselves does not count. */
  forget(): void;
}

/**
 * Who reads from a pipe that is full whenever we look, because those who write are quick? Other bytes lie at its front, or,
 * where all lines are the same, there was room for a moment: either may go unseen, but hardly both for seconds.
 */
export function pipeReader({ read, write }: Pipe): PipeReader {
  let front: Buffer = Buffer.alloc(0);
  let hadRoom = false;
  let room: Disposable | undefined;
  return {
    hasRead: () => {
      const before = front;
      front = peekPipe(read);
      const isSame = front.subarray(0, before.length).equals(before);
      const answer = hadRoom || !isSame;
      hadRoom = false;
      return answer;
    },
    watch: () => {
      room ??= whenWritable(write, () => {
        hadRoom = true;
        room = undefined;
      });
    },
    forget: () => {
      room?.[Symbol.dispose]();
      room = undefined;
      hadRoom = false;
      front = peekPipe(read);
    },
  };
}
