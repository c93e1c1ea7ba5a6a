import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the kernel's ephemeral range (32768 and up), where an outgoing connection could take the port meanwhile.
const lowest = 20_000;
const highest = 32_000;

/** A port that is free for TCP and UDP, on every IPv4 and IPv6 address, and that no other test is given meanwhile. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (!(await isClaimed(port))) continue;
    if ((await isFreeForTcp(port)) && (await isFreeForUdp(port))) return port;
  }
}

/** The first of a row of such ports. */
export async function freePortRow(length: number): Promise<number> {
  for (;;) {
    const first = lowest + Math.floor(Math.random() * (highest - lowest));
    if (await isFreeRow(first, length)) return first;
  }
}

async function isFreeRow(first: number, length: number): Promise<boolean> {
  for (let port = first; port < first + length; port += 1) {
    if (!(await isClaimed(port)) || !(await isFreeForTcp(port))) return false;
  }
  return true;
}

/** Test files run side by side. An abstract socket says whose a port is, until the process that asked for it ends. */
async function isClaimed(port: number): Promise<boolean> {
  const claim = createServer().unref();
  claim.listen(`\0start-server-test-port-${port}`);
  return isListening(claim);
}

async function isFreeForTcp(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '::');
  return settled(server);
}

async function isFreeForUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp6');
  socket.bind(port, '::');
  return settled(socket);
}

async function settled(server: NodeJS.EventEmitter & { close(): unknown }): Promise<boolean> {
  if (!(await isListening(server))) return false;
  server.close();
  await once(server, 'close');
  return true;
}

async function isListening(server: NodeJS.EventEmitter): Promise<boolean> {
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  }
}
