import { type ClientHttp2Session, connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import { answererIn, type Request, startHistory } from './history.ts';

export interface Http2Load extends AsyncDisposable {
  /** Which generations have answered so far. */
  readonly generations: () => ReadonlySet<number>;
  /** Who has answered, and when, so far. */
  readonly requests: () => readonly Request[];
  /** What became of requests without an answer. */
  readonly stop: () => Promise<readonly string[]>;
}

/** Each client asks again and again in one session, and opens a new one only when the server has said GOAWAY. */
export function startHttp2Load(port: number, clients: number): Http2Load {
  const losses: string[] = [];
  const generations = new Set<number>();
  const { begin, requests } = startHistory();
  let running = true;

  const client = async (): Promise<void> => {
    while (running) {
      const session = connect(`http://127.0.0.1:${port}`);
      session.on('error', (error) => losses.push(String(error)));
      // Node's client closes the session upon GOAWAY.
      while (running && !session.closed && !session.destroyed) await ask(session);
      session.close();
    }
  };
  const ask = async (session: ClientHttp2Session): Promise<void> => {
    const end = begin();
    try {
      const answerer = answererIn(await text(session.request()));
      end(answerer, session);
      generations.add(Number(answerer?.generation));
    } catch (error) {
      losses.push(String(error));
    }
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  const stop = async () => {
    running = false;
    await all;
    return losses;
  };
  return {
    generations: () => generations,
    requests,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}
