import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type NetConnectOpts } from 'node:net';
import { text } from 'node:stream/consumers';

/** What an echo worker says: who answered. */
export interface Reply {
  readonly generation: number;
  readonly pid: number;
}

/** Connects over TCP ({ port, host }) or to a Unix socket ({ path }) and reads to the end: echo workers speak first. */
export async function ask(address: NetConnectOpts, withinMs = 15_000): Promise<Reply> {
  const socket = connect(address);
  socket.setTimeout(withinMs, () => socket.destroy(new Error(`no reply from ${JSON.stringify(address)}`)));
  return parse(await text(socket));
}

/** Sends one datagram to a UDP port and waits for the answer. */
export async function askUdp(port: number, host = '127.0.0.1'): Promise<Reply> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    const answer = once(socket, 'message', { signal: AbortSignal.timeout(15_000) });
    socket.send('?', port, host);
    return parse(String((await answer)[0]));
  } finally {
    socket.close();
  }
}

function parse(answer: string): Reply {
  const [, generation, pid] = /^(\d+) (\d+)\n$/.exec(answer) ?? [];
  if (generation === undefined) throw new Error(`not an echo worker's reply: ${JSON.stringify(answer)}`);
  return { generation: Number(generation), pid: Number(pid) };
}
