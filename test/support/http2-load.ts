import { type ClientHttp2Session, connect } from 'node:http2';
import { text } from 'node:stream/consumers';

export interface Http2Load extends AsyncDisposable {
  /** Which generations have answered so far. */
  readonly generations: () => ReadonlySet<number>;
  /** What became of requests without an answer. */
  readonly stop: () => Promise<readonly string[]>;
}

/** Each client asks again and again in one session, and opens a new one only when the server has said GOAWAY. */
export function startHttp2Load(port: number, clients: number): Http2Load {
  const losses: string[] = [];
  const generations = new Set<number>();
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
    try {
      const answer = await text(session.request());
      generations.add(Number(/^generation (\d+)$/.exec(answer)?.[1]));
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
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}
