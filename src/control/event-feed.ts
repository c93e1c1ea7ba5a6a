// What happens, for a client that asks for nothing else. One that reads slower than things happen loses events, and is told
// how many, as soon as it has read what it had.

import type { LogEvent } from '../superdaemon/log-event.ts';
import type { Outbox } from './outbox.ts';
import { eventLine } from './protocol.ts';

export interface EventFeed {
  tell(event: LogEvent, at: number): void;
  /** It has read everything. */
  caughtUp(): void;
  forSuccessor(): InheritedFeed;
}

export interface InheritedFeed {
  /** undefined: all. */
  readonly names: readonly string[] | undefined;
  /** Events that it has missed and not been told of. */
  readonly lost: number;
}

const MOST_UNSENT = 256 * 1024;

export function eventFeed(mail: Outbox, { names, lost: before }: InheritedFeed): EventFeed {
  let lost = before;
  return {
    tell: (event, at) => {
      if (names !== undefined && !names.includes(event.event)) return;
      if (lost > 0 || mail.unsent.length > MOST_UNSENT) lost += 1;
      else mail.say(eventLine(event, at));
    },
    caughtUp: () => {
      if (lost === 0) return;
      const event = { event: 'events-lost', lost } as const;
      lost = 0;
      mail.say(eventLine(event, Date.now()));
    },
    forSuccessor: () => ({ names, lost }),
  };
}
