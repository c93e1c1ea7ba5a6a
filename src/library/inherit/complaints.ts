// What is said of a program that cannot have the socket that it asks for, or that asks for none of ours.

import { writeSync } from 'node:fs';
import type { Asked } from './listen-arguments.ts';
import type { Place } from './places.ts';

const STDERR = 2;

/** Of a place whose descriptor is not its socket, or no more. */
export function cannotListen({ name, fd, isClosed }: Place): NodeJS.ErrnoException {
  const message = isClosed
    ? `this program has closed the socket of ${name}, and cannot have it again`
    : `descriptor ${fd} is not the socket of ${name} any more: something between start-server and this program has closed it: --as=node, or run node itself`;
  // Not EADDRINUSE, upon which many a program takes the next port, where nobody looks for it.
  return Object.assign(new Error(message), { code: 'EBADF', syscall: 'listen' });
}

const told = new Set<number>();

/** Once for each port: whoever listens by himself refuses connections while he is replaced. */
export function tellStranger({ wanted }: Asked): void {
  if (wanted?.kind !== 'port' || wanted.port === 0 || told.has(wanted.port)) return;
  told.add(wanted.port);
  const { port } = wanted;
  const line = `start-server: process ${process.pid} listens on ${port} by itself; a deploy will not keep it: add --port=${port}\n`;
  try {
    writeSync(STDERR, line);
  } catch {
    // Nobody reads it.
  }
}
