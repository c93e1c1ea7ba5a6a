import { expect, it } from 'vitest';
import { connectControl } from '../../src/control/connection.ts';
import { openControlSocket } from '../../src/control/control-socket.ts';
import { controlPrefix, type Hello, PROTOCOL } from '../../src/control/protocol.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';

const running = { pid: process.pid, pidFileIdentity: `feed:${process.pid}` };
const hello = (request: number): Hello => ({
  protocol: PROTOCOL,
  version: '1',
  pid: process.pid,
  request,
  workers: [],
});
const nothing = {
  deploy: () => {},
  reconfigure: () => {},
  cancel: () => {},
  scale: () => {},
  upgrade: () => {},
};
const open = () =>
  openControlSocket(controlPrefix(running.pidFileIdentity), {
    hello,
    unchanged: () => undefined,
    ...nothing,
  });
const hup = (deploy: number): LogEvent => ({ event: 'hup', deploy });

it('a reader of events that stalls costs little memory, and is told how many it has missed', async () => {
  using socket = open();
  using connection = await connectControl(running, { request: 'events' });
  for (let deploy = 1; deploy <= 20_000; deploy += 1) socket.publish(hup(deploy), 1);
  const [client] = socket.forSuccessor().clients;
  expect(client?.unsent.length).toBeGreaterThan(200_000);
  expect(client?.unsent.length).toBeLessThan(300_000);
  let got = 0;
  for (;;) {
    const { value } = (await connection?.events.next()) ?? {};
    if (value?.event === 'events-lost') {
      expect(value.lost).toBe(20_000 - got);
      break;
    }
    got += 1;
    expect(value).toEqual({ event: 'hup', deploy: got, time: 1 });
  }
  socket.publish(hup(20_001), 2);
  expect((await connection?.events.next())?.value).toEqual({ event: 'hup', deploy: 20_001, time: 2 });
});

it('a reader of some events gets these alone, and what it misses is counted of these', async () => {
  using socket = open();
  using connection = await connectControl(running, { request: 'events', names: ['exiting'] });
  for (let deploy = 1; deploy <= 20_000; deploy += 1) socket.publish(hup(deploy), 1);
  socket.publish({ event: 'exiting' }, 3);
  expect((await connection?.events.next())?.value).toEqual({ event: 'exiting', time: 3 });
  expect(socket.forSuccessor().clients[0]?.feed).toEqual({ names: ['exiting'], lost: 0 });
});
