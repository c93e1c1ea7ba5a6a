// What the service manager is told, as far as it has room: systemd that is busy for a moment has a full queue, and what was
// said once into that would never be heard.

import { errorCode } from '../posix/libc/system-error.ts';

/** The lines of one message. */
export type Message = readonly string[];

export interface Outbox extends Disposable {
  tell(message: Message): void;
  /** What still has to be said, for the successor. */
  forSuccessor(): readonly Message[];
}

export const RETRY_MS = 100;
/** A manager that has not read for so long has missed more than a word. */
const MOST_WAITING = 64;
export const FULL = ['EAGAIN', 'EWOULDBLOCK', 'ENOBUFS', 'EMFILE', 'ENFILE', 'ENOMEM'];

/** `send` throws SystemError. Whoever does not listen at all is no reason not to serve. */
export function outbox(send: (text: string) => void, begins: readonly Message[] = []): Outbox {
  let waiting = begins;
  let retry: NodeJS.Timeout | undefined;
  const hasRoomFor = (message: Message): boolean => {
    try {
      send(`${message.join('\n')}\n`);
    } catch (error) {
      return !FULL.includes(errorCode(error) ?? '');
    }
    return true;
  };
  const flush = () => {
    clearTimeout(retry);
    const stays = waiting.findIndex((message) => !hasRoomFor(message));
    waiting = stays < 0 ? [] : waiting.slice(stays);
    if (waiting.length > 0) retry = setTimeout(flush, RETRY_MS);
  };
  flush();
  return {
    tell: (message) => {
      if (waiting.length === 0 && hasRoomFor(message)) return;
      waiting = [...withoutOutdated(waiting, message), message].slice(-MOST_WAITING);
      flush();
    },
    forSuccessor: () => waiting,
    [Symbol.dispose]: () => clearTimeout(retry),
  };
}

/** Of a STATUS, and of a sign of life, only the newest is worth a room. */
function withoutOutdated(waiting: readonly Message[], message: Message): readonly Message[] {
  const newer = (line: string) =>
    message.some((each) => each === line || (each.startsWith('STATUS=') && line.startsWith('STATUS=')));
  const isReplaced = (line: string) => /^(STATUS|WATCHDOG|EXTEND_TIMEOUT_USEC)=/.test(line) && newer(line);
  return waiting.map((each) => each.filter((line) => !isReplaced(line))).filter((each) => each.length > 0);
}
