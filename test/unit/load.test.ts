import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startLoad } from '../support/load.ts';
import { attemptRequest } from '../support/request.ts';

const answer = (generation: number) => {
  const body = `generation ${generation}\n`;
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
};

describe('a request of the load generator', () => {
  it('is ok when it is answered in full, and names the generation', async () => {
    await using server = await serve((connection) => connection.end(answer(7)));
    expect(await attemptRequest(server, 5_000)).toEqual({ outcome: 'ok', generation: 7 });
  });

  it('reads the generation from a header, too', async () => {
    const text = 'HTTP/1.1 200 OK\r\nX-Generation: 3\r\nContent-Length: 0\r\n\r\n';
    await using server = await serve((connection) => connection.end(text));
    expect(await attemptRequest(server, 5_000)).toEqual({ outcome: 'ok', generation: 3 });
  });

  it('is refused when nobody listens at the port', async () => {
    const server = await serve(() => {});
    await server[Symbol.asyncDispose]();
    expect(await attemptRequest(server, 5_000)).toEqual({ outcome: 'refused', reason: 'ECONNREFUSED' });
  });

  it('is refused when the socket file has gone', async () => {
    const target = { path: '/nonexistent/server.sock' };
    expect(await attemptRequest(target, 5_000)).toEqual({ outcome: 'refused', reason: 'ENOENT' });
  });

  it('is reset when the connection is', async () => {
    await using server = await serve((connection) => connection.resetAndDestroy());
    expect(await attemptRequest(server, 5_000)).toEqual({ outcome: 'reset', reason: 'ECONNRESET' });
  });

  it('is reset when the connection is closed without an answer', async () => {
    await using server = await serve((connection) => connection.end());
    expect(await attemptRequest(server, 5_000)).toMatchObject({ outcome: 'reset' });
  });

  it('is reset when the answer is cut short', async () => {
    await using server = await serve((connection) => connection.end(answer(1).slice(0, -1)));
    expect(await attemptRequest(server, 5_000)).toMatchObject({ outcome: 'reset' });
  });

  it('reads an answer in chunks, and is reset when the last one is missing', async () => {
    const text = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nd\r\ngeneration 7\n\r\n';
    await using whole = await serve((connection) => connection.end(`${text}0\r\n\r\n`));
    await using cut = await serve((connection) => connection.end(text));
    expect(await attemptRequest(whole, 5_000)).toEqual({ outcome: 'ok', generation: 7 });
    expect(await attemptRequest(cut, 5_000)).toMatchObject({ outcome: 'reset' });
  });

  it.each([
    ['an error', answer(1).replace('200 OK', '502 Bad Gateway')],
    ['too much', `${answer(1)}more`],
    ['no generation', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\ngeneration 1'],
  ])('has failed when the answer is %s', async (_what, text) => {
    await using server = await serve((connection) => connection.end(text));
    expect(await attemptRequest(server, 5_000)).toMatchObject({ outcome: 'failed' });
  });

  it('is timed out when the connection stands still', async () => {
    await using server = await serve((connection) => connection.write(answer(1).slice(0, 20)));
    expect(await attemptRequest(server, 50)).toMatchObject({ outcome: 'timedOut' });
  });
});

describe('the load generator', () => {
  it('counts each outcome apart, and opens a connection for every request', async () => {
    const turns = [answer(1), answer(2), answer(1).replace('200', '500'), answer(2).slice(0, 30)];
    let connections = 0;
    await using server = await serve((connection) => {
      connection.end(turns[connections++ % turns.length] ?? '');
    });
    await using load = startLoad({ target: server, clients: 3 });
    await eventually(() => expect(load.report().counts.requests).toBeGreaterThan(40));
    const { counts, losses, generations } = await load.stop();

    const { requests, ok, failed, reset, ...others } = counts;
    expect(requests).toBe(connections);
    expect(ok + failed + reset).toBe(requests);
    expect(others).toEqual({ refused: 0, timedOut: 0, other: 0 });
    for (const kind of [failed, reset]) expect(Math.abs(kind - requests / 4)).toBeLessThan(1);
    expect(Object.values(losses)).toEqual(expect.arrayContaining([failed, reset]));
    expect([...generations.keys()].sort()).toEqual([1, 2]);
  });

  it('says of a request that nobody answered when it was asked, and who had answered until then', async () => {
    let connections = 0;
    await using server = await serve((connection) => connections++ === 0 && connection.end(answer(7)));
    await using load = startLoad({ target: server, clients: 1, timeoutMs: 50 });
    await eventually(() => expect(load.report().counts.timedOut).toBeGreaterThan(0));
    const when = /^timedOut: nothing for 50 ms after 0 bytes, asked at \d+\.\d s, behind generation 7$/;
    expect(Object.keys((await load.stop()).losses)[0]).toMatch(when);
  });
});

async function serve(respond: (connection: Socket) => void) {
  const connections = new Set<Socket>();
  const server = createServer((connection) => {
    connections.add(connection);
    connection.on('error', () => {});
    connection.once('data', () => respond(connection));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const connection of connections) connection.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
