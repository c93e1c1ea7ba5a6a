import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { publishedGenerations } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { startExample } from '../support/example.ts';
import { freePort } from '../support/free-port.ts';
import { tempDir } from '../support/temp-dir.ts';

const deploys = 3;
const clients = 8;

it('loses no request on a kept-alive connection, and lets no client hold the old generation, in 3 deploys', async () => {
  using dir = tempDir();
  const [port, statusFile] = [await freePort(), dir.join('status')];
  const options = [`--port=127.0.0.1:${port}`, `--status-file=${statusFile}`];
  await using superdaemon = startExample('node-http', options);
  await superdaemon.waitForLine('starting new worker');
  await using load = startKeepAliveLoad(port);

  for (let generation = 1; generation <= deploys + 1; generation += 1) {
    if (generation > 1) superdaemon.signal('SIGHUP');
    await eventually(() => {
      expect(publishedGenerations(statusFile)).toEqual([generation]);
      expect(load.latest()).toBe(generation);
    });
  }
  const { losses, requests, connections } = await load.stop();
  expect(losses).toEqual([]);
  // A connection for each client and generation, and not for each request.
  expect(connections).toBe(clients * (deploys + 1));
  expect(requests).toBeGreaterThan(10 * connections);
});

/** Each client asks again and again over one connection, and opens a new one only when the server has closed it. */
function startKeepAliveLoad(port: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const figures = { requests: 0, connections: 0, losses: [] as string[] };
  let [running, latest] = [true, 0];

  const client = async (): Promise<void> => {
    while (running) {
      try {
        const { body, reused } = await request(agent, port);
        figures.connections += reused ? 0 : 1;
        latest = Math.max(latest, Number(/generation (\d+)/.exec(body)?.[1]));
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
    latest: () => latest,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

async function request(agent: Agent, port: number): Promise<{ body: string; reused: boolean }> {
  const outgoing = get({ port, agent });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve).on('error', reject);
  });
  return { body: await text(response), reused: outgoing.reusedSocket };
}
