import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
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
  let running = true;

  const client = async (): Promise<void> => {
    while (running) {
      try {
        const { body, reused } = await request(agent, target);
        figures.connections += reused ? 0 : 1;
        generations.add(Number(/generation (\d+)/.exec(body)?.[1]));
      } catch (error) {
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
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

async function request(agent: Agent, target: Target): Promise<{ body: string; reused: boolean }> {
  const outgoing = get({ ...('port' in target ? target : { socketPath: target.path }), agent });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve).on('error', reject);
  });
  const body = await text(response);
  if (response.statusCode !== 200) throw new Error(`answered by ${response.statusCode}`);
  return { body, reused: outgoing.reusedSocket };
}
