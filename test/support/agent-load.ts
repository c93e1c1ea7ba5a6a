import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { answererIn, type Request, startHistory } from './history.ts';

export interface AgentLoad extends AsyncDisposable {
  /** Which generations have answered so far. */
  readonly generations: () => ReadonlySet<number>;
  /** Who has answered, and when, so far. */
  readonly requests: () => readonly Request[];
  readonly stop: () => Promise<AgentReport>;
}

export interface AgentReport {
  readonly requests: number;
  readonly connections: number;
  /** What became of requests that were not answered, or not by 200. */
  readonly losses: readonly string[];
}

export interface AgentClients {
  /** Whose connections they share; it ends with the load. */
  readonly agent: Agent;
  readonly get: () => ClientRequest;
  readonly clients: number;
  /** How long a client rests between its requests. */
  readonly pauseMs: number;
}

/** Each client asks again and again, until the load is stopped. */
export function startAgentLoad({ agent, get, clients, pauseMs }: AgentClients): AgentLoad {
  const figures = { requests: 0, connections: 0, losses: [] as string[] };
  const generations = new Set<number>();
  const { begin, requests } = startHistory();
  let running = true;

  const ask = async (): Promise<void> => {
    const end = begin();
    try {
      const { body, reused, connection } = await answerTo(get());
      const answerer = answererIn(body);
      end(answerer, connection);
      figures.connections += reused ? 0 : 1;
      generations.add(Number(answerer?.generation));
    } catch (error) {
      end(undefined);
      figures.losses.push(String(error));
    }
  };
  const client = async (): Promise<void> => {
    for (; running; figures.requests += 1) {
      await ask();
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
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

interface Answered {
  readonly body: string;
  readonly reused: boolean;
  readonly connection: object;
}

async function answerTo(asking: ClientRequest): Promise<Answered> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asking.on('response', resolve).on('error', reject);
  });
  // Once all of it has come, the response is no longer on it.
  const connection = response.socket;
  const body = await text(response);
  if (response.statusCode !== 200) throw new Error(`answered by ${response.statusCode}`);
  return { body, reused: asking.reusedSocket, connection };
}
