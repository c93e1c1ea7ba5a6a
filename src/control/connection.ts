// A client's end of the control socket.

import { Socket } from 'node:net';
import { sleep } from '../posix/sleep.ts';
import { StartupError } from '../startup-error.ts';
import { connectToControl } from './find-socket.ts';
import { parseHello } from './parse-hello.ts';
import { type Hello, lineOf, PROTOCOL, parseEvent, type TimedEvent, type Wish } from './protocol.ts';

export interface Connection extends Disposable {
  readonly hello: Hello;
  /** Ends when the superdaemon hangs up. */
  readonly events: AsyncIterator<TimedEvent>;
  /** Asks the same once more, where that was the wish; undefined when the superdaemon has hung up. */
  again(): Promise<Hello | undefined>;
}

/** The superdaemon that is to answer. */
export interface Addressee {
  readonly pid: number;
  readonly pidFileIdentity: string;
}

/** Waits for something as long as the client may, and throws then. */
export type Patience = <Value>(wanted: Promise<Value>) => Promise<Value>;

const AGAIN_MS = 20;

/**
 * undefined when nobody is there, or nobody who speaks our protocol: the reference, another version of ours. Nothing has
 * been asked of anybody then, nor when this throws what `patience` throws: a request is taken up after its answer.
 */
export async function connectControl(
  running: Addressee,
  wish: Wish,
  patience: Patience = (wanted) => wanted,
): Promise<Connection | undefined> {
  for (;;) {
    const fd = connectToControl(running);
    if (fd === undefined) return undefined;
    const answer = fd === 'full' ? 'hung up' : await asked(fd, wish, patience);
    if (answer === 'another protocol') return undefined;
    if (answer !== 'hung up') return answer;
    // It ends, or had no room for us.
    await patience(sleep(AGAIN_MS));
  }
}

async function asked(
  fd: number,
  wish: Wish,
  patience: Patience,
): Promise<Connection | 'hung up' | 'another protocol'> {
  const socket = new Socket({ fd, readable: true, writable: true });
  const hangUp = () => void socket.destroy();
  try {
    socket.setEncoding('utf8');
    // A loss is seen by the reading side.
    socket.on('error', () => {});
    const lines = linesOf(socket);
    const request = { protocol: PROTOCOL, ...(typeof wish === 'string' ? { request: wish } : wish) };
    let last: Hello | undefined;
    const answer = (revision = last?.revision) => {
      socket.write(lineOf(revision === undefined ? request : { ...request, revision }));
      return lines.next();
    };
    const again = async () => {
      const next = await answer();
      last = next.done ? undefined : parseHello(next.value, last?.workers);
      return last;
    };
    const first = await patience(answer());
    const hello = first.done ? undefined : parseHello(first.value);
    last = hello;
    if (hello !== undefined) return { hello, events: eventsOf(lines), again, [Symbol.dispose]: hangUp };
    hangUp();
    return first.done ? 'hung up' : 'another protocol';
  } catch (error) {
    hangUp();
    throw error;
  }
}

/** Of thousands of workers. */
const LONGEST_LINE = 2 ** 24;

async function* linesOf(socket: Socket): AsyncGenerator<string, void> {
  let parts: string[] = [];
  let length = 0;
  try {
    for await (const chunk of socket) {
      const [first = '', ...others] = String(chunk).split('\n');
      parts.push(first);
      length += first.length;
      for (const next of others) {
        yield parts.join('');
        parts = [next];
        length = next.length;
      }
      if (length > LONGEST_LINE) throw new StartupError('the superdaemon gives an answer without an end');
    }
  } catch (error) {
    if (error instanceof StartupError) throw error;
    // However it ended, nothing more comes.
  }
}

async function* eventsOf(lines: AsyncIterator<string, void>): AsyncGenerator<TimedEvent, void> {
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const event = parseEvent(line.value);
    if (event !== undefined) yield event;
  }
}
