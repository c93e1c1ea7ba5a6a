import { once } from 'node:events';
import { Agent, get, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { closeGently } from '../../src/library/inherit/close-gently.ts';
import * as later from '../../src/library/inherit/later.ts';

it('leaves a class of the program its own close, and cuts no idle connection behind it', async () => {
  const said: string[] = [];
  class Application extends Server {
    override close(callback?: (error?: Error) => void): this {
      said.push('the database ends');
      return super.close(callback);
    }
  }
  const server = new Application((_, answer) => answer.end());
  closeGently(server, { later: () => later });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  const ask = async () => {
    const asking = get({ port, host: '127.0.0.1', agent });
    const [answer] = await once(asking, 'response');
    answer.resume();
    await once(answer, 'end');
    return asking.reusedSocket;
  };
  await ask();
  const closed = once(server, 'close');
  server.close();
  expect(said).toEqual(['the database ends']);
  expect(await ask()).toBe(true);
  await closed;
  agent.destroy();
});
