import { Agent, get } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { answererIn, type Request, startHistory } from './history.ts';

export interface HttpsLoad extends AsyncDisposable {
  /** Which generations have answered so far. */
  readonly generations: () => ReadonlySet<number>;
  /** Who has answered, and when, so far. */
  readonly requests: () => readonly Request[];
  readonly stop: () => Promise<HttpsReport>;
}

export interface HttpsReport {
  readonly requests: number;
  readonly connections: number;
  /** What became of requests that were not answered, or not by 200. */
  readonly losses: readonly string[];
}

export interface HttpsClients {
  readonly port: number;
  readonly clients: number;
  /** A connection is kept until the server closes it; otherwise each request has one of its own. */
  readonly keepAlive: boolean;
}

/** Each client asks again and again, of a server whose certificate nobody has to trust. */
export function startHttpsLoad({ port, clients, keepAlive }: HttpsClients): HttpsLoad {
  const agent = new Agent({
    keepAlive,
    maxSockets: clients,
    maxCachedSessions: 0,
    rejectUnauthorized: false,
  });
  const figures = { requests: 0, connections: 0, losses: [] as string[] };
  const generations = new Set<number>();
  const { begin, requests } = startHistory();
  let running = true;

  const ask = async (): Promise<void> => {
    const end = begin();
    let connection: object | undefined;
    const asking = get({ host: '127.0.0.1', port, agent });
    const answer = await new Promise<string>((resolve, reject) => {
      asking.on('error', reject).on('response', (response) => {
        connection = response.socket;
        if (response.statusCode === 200) text(response).then(resolve, reject);
        else reject(new Error(`answered by ${response.statusCode}`));
      });
    });
    figures.connections += asking.reusedSocket ? 0 : 1;
    const answerer = answererIn(answer);
    end(answerer, connection);
    generations.add(Number(answerer?.generation));
  };
  const client = async (): Promise<void> => {
    for (; running; figures.requests += 1) {
      await ask().catch((error: unknown) => figures.losses.push(String(error)));
      await delay(5);
    }
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  const stop = async () => {
    running = false;
    await all;
    agent.destroy();
    return figures;
  };
  return {
    generations: () => generations,
    requests,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}
