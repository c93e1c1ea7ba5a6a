import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { answererIn, type Request, startHistory } from './history.ts';
import type { Target } from './request.ts';

export interface KeepAliveReport {
  readonly requests: number;
  readonly connections: number;
  /** What became of requests that were not answered, or not by 200. */
  readonly losses: readonly string[];
}

export interface KeepAliveLoad extends AsyncDisposable {
  /** Which generations have answered so far. */
  readonly generations: () => ReadonlySet<number>;
  /** Who has answered, and when, so far. */
  readonly requests: () => readonly Request[];
  readonly stop: () => Promise<KeepAliveReport>;
}

/**
 * Each client asks again and again over one connection, and opens a new one only when the server has closed it.
 * Between its requests it rests for `pauseMs`.
 */
export function startKeepAliveLoad(target: Target, clients: number, pauseMs = 0): KeepAliveLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const figures = { requests: 0, connections: 0, losses: [] as string[] };
  const generations = new Set<number>();
  const { begin, requests } = startHistory();
  let running = true;

  const client = async (): Promise<void> => {
    while (running) {
      const end = begin();
      try {
        const { body, reused, connection } = await request(agent, target);
        const answerer = answererIn(body);
        end(answerer, connection);
        figures.connections += reused ? 0 : 1;
        generations.add(Number(answerer?.generation));
      } catch (error) {
        end(undefined);
        figures.losses.push(String(error));
      }
      figures.requests += 1;
      await (pauseMs > 0 ? delay(pauseMs) : turn());
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
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

interface Answered {
  readonly body: string;
  readonly reused: boolean;
  readonly connection: object;
}

async function request(agent: Agent, target: Target): Promise<Answered> {
  const outgoing = get({ ...('port' in target ? target : { socketPath: target.path }), agent });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve).on('error', reject);
  });
  // Once all of it has come, the response is no longer on it.
  const connection = response.socket;
  const body = await text(response);
  if (response.statusCode !== 200) throw new Error(`answered by ${response.statusCode}`);
  return { body, reused: outgoing.reusedSocket, connection };
}
