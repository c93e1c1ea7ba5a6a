import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import type { Target } from './request.ts';

export interface KeepAliveReport {
  readonly requests: number;
  readonly connections: number;
  /** What became of requests without an answer. */
  readonly losses: readonly string[];
}

export interface KeepAliveLoad extends AsyncDisposable {
  /** Which generations have answered so far. */
  readonly generations: () => ReadonlySet<number>;
  readonly stop: () => Promise<KeepAliveReport>;
}

/** Each client asks again and again over one connection, and opens a new one only when the server has closed it. */
export function startKeepAliveLoad(target: Target, clients: number): KeepAliveLoad {
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
      await turn();
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
  return { body: await text(response), reused: outgoing.reusedSocket };
}
