// SERVER_STARTER_PORT as a worker in Node finds it, and in the lines behind it what its preload finds beside it: a list, or
// refused with its name; and what was read is what a superdaemon would have written.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { parsePlaces } from '../../../src/library/inherit/places.ts';
import { serverPorts } from '../../../src/library/server-ports.ts';
import { serverStarterPort } from '../../../src/sockets/fd-table.ts';
import { withVariable } from '../../support/environment.ts';

export const words = [
  '80',
  '=3',
  '=',
  ';',
  '127.0.0.1:80=4',
  '[::1]:80=5',
  '/s=6',
  '/a=b=7',
  '100:200',
  ',',
  '\n',
];

export function fuzz(input: Buffer): void {
  const [text = '', spares, udp, own] = input.toString('utf8').replaceAll('\0', '').split('\n');
  const places = parsePlaces({
    SERVER_STARTER_PORT: text,
    SERVER_STARTER_SPARES: spares,
    SERVER_STARTER_UDP: udp,
    SERVER_STARTER_OWN: own,
  });
  ok(places.every(({ fd, spares }) => [fd, ...spares].every((each) => Number.isInteger(each) && each >= 0)));
  const ports = read(text);
  if (ports === undefined) return;
  // The preload passes over what it cannot read; here there is nothing of that kind.
  deepStrictEqual(
    places.map(({ name, fd }) => [name, fd]),
    [...ports],
  );
  const written = serverStarterPort(Array.from(ports, ([name, to]) => ({ name, to, from: -1 })));
  deepStrictEqual(written, text.replace(/=0+(?=\d+(?:;|$))/g, '='));
}

/** undefined: it is refused, with its name. */
function read(text: string): ReadonlyMap<string, number> | undefined {
  try {
    return withVariable('SERVER_STARTER_PORT', text, serverPorts);
  } catch (error) {
    if (/^Error: SERVER_STARTER_PORT: /.test(String(error))) return undefined;
    throw error;
  }
}
