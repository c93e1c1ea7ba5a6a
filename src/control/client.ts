// One client of the control socket: its request, and what it is told.

import { closeQuietly } from '../posix/file/descriptor.ts';
import { readNow } from '../posix/file/pipe.ts';
import { whenReadable } from '../posix/libc/libc-poll.ts';
import type { Scaling } from '../superdaemon/host.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { carryOut } from './carry-out.ts';
import { type EventFeed, eventFeed, type InheritedFeed } from './event-feed.ts';
import { type Outbox, outbox } from './outbox.ts';
import { parseNames, parseRequest, parseRevision, stageAfter } from './parse-request.ts';
import {
  type CommandLine,
  eventLine,
  type Hello,
  LONGEST_REQUEST,
  lineOf,
  type Request,
  type Unchanged,
} from './protocol.ts';

export interface ControlOptions {
  hello(request: number, kind: Request['request'] | undefined): Hello;
  unchanged(request: number, revision: string | undefined): Unchanged | undefined;
  /** A client wants a deploy. */
  deploy(request: number): void;
  /** A client wants more workers, or fewer. */
  scale(request: number, scaling: Scaling): void;
  /** A client wants the deploy under way to be given up. */
  cancel(request: number): void;
  /** A client wants this program to be replaced. */
  upgrade(): void;
  /** … by one that goes by another command line. */
  reconfigure(request: number, commandLine: CommandLine): void;
}

export interface InheritedClient {
  readonly fd: number;
  readonly number: number;
  /** `leaving`: it is to have what is still unsent, and no more. */
  readonly stage: 'asking' | 'listening' | 'leaving';
  /** Of its request, when that is not complete, as latin1. */
  readonly received: string;
  readonly unsent: string;
  /** For one that only listens. */
  readonly feed: InheritedFeed | undefined;
}

/** For a request: whoever may ask asks at once. */
const PATIENCE_MS = 5000;

export interface Client {
  /** If it listens. */
  tell(event: LogEvent, at: number): void;
  forSuccessor(): InheritedClient;
  close(): void;
  onClose: () => void;
}

export function serve(from: InheritedClient, options: ControlOptions, patienceMs = PATIENCE_MS): Client {
  return new ServedClient(from, options, patienceMs);
}

class ServedClient implements Client {
  onClose = () => {};
  readonly #fd: number;
  readonly #number: number;
  readonly #options: ControlOptions;
  readonly #reading: Disposable;
  readonly #patience: NodeJS.Timeout | undefined;
  readonly #mail: Outbox;
  #feed: EventFeed | undefined;
  #received: string;
  #stage: InheritedClient['stage'];
  #open = true;

  constructor(
    { fd, number, stage, received, unsent, feed }: InheritedClient,
    options: ControlOptions,
    patienceMs: number,
  ) {
    this.#fd = fd;
    this.#number = number;
    this.#options = options;
    this.#received = received;
    this.#stage = stage;
    // Who cannot be answered is not to wait for ever.
    const hangUp = () => this.close();
    this.#reading = whenReadable(fd, () => this.#read(), hangUp);
    this.#patience = stage === 'asking' ? setTimeout(() => this.close(), patienceMs) : undefined;
    const onEmpty = () => {
      if (this.#stage === 'leaving') this.close();
      else this.#feed?.caughtUp();
    };
    const givesUp = () => this.#feed === undefined;
    this.#mail = outbox({ fd, unsent, onEmpty, givesUp, onFailure: () => this.close() });
    this.#feed = feed && eventFeed(this.#mail, feed);
  }

  tell(event: LogEvent, at: number): void {
    if (!this.#open || this.#stage !== 'listening') return;
    if (this.#feed === undefined) this.#mail.say(eventLine(event, at));
    else this.#feed.tell(event, at);
  }

  forSuccessor(): InheritedClient {
    const [unsent, feed] = [this.#mail.unsent, this.#feed?.forSuccessor()];
    return { fd: this.#fd, number: this.#number, stage: this.#stage, received: this.#received, unsent, feed };
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#patience);
    this.#mail[Symbol.dispose]();
    this.#reading[Symbol.dispose]();
    closeQuietly(this.#fd);
    this.onClose();
  }

  #read(): void {
    if (!this.#open) return;
    const block = readNow(this.#fd);
    if (block === undefined) return;
    // A block may end within a character.
    this.#received += block.toString('latin1');
    const end = this.#received.indexOf('\n');
    const isTooLong = end === -1 && this.#received.length > LONGEST_REQUEST;
    // After its request a client has nothing more to say, unless it asks again: it hangs up.
    if (block.length === 0 || this.#stage !== 'asking' || isTooLong) this.close();
    else if (end !== -1) {
      const line = Buffer.from(this.#received.slice(0, end), 'latin1').toString('utf8');
      this.#received = this.#received.slice(end + 1);
      this.#take(line);
    }
  }

  #take(line: string): void {
    clearTimeout(this.#patience);
    const request = parseRequest(line);
    this.#stage = stageAfter(request, line);
    if (request === 'events') this.#feed = eventFeed(this.#mail, { names: parseNames(line), lost: 0 });
    const { hello, unchanged } = this.#options;
    const answer = unchanged(this.#number, parseRevision(line)) ?? hello(this.#number, request);
    this.#mail.say(lineOf(answer));
    // It may have hung up long ago, while we were slow: then nobody wants it any more.
    if (this.#open) carryOut(this.#options, { number: this.#number, request, line });
  }
}
