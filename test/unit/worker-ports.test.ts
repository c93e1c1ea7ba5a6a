import { expect, it } from 'vitest';
import { parseWorkerPort } from '../../src/sockets/socket-spec.ts';
import { slotSpecs } from '../../src/sockets/worker-ports.ts';

it('each worker has the port of its number, up to the last there is', () => {
  const specs = slotSpecs([parseWorkerPort('127.0.0.1:65533', '--worker-port=127.0.0.1:65533')]);
  expect([0, 1, 2].map((slot) => specs(slot)[0]?.name)).toEqual(
    [65_533, 65_534, 65_535].map((port) => `127.0.0.1:${port}`),
  );
  expect(specs(1)).toBe(specs(1));
  expect(() => specs(3)).toThrow('worker 3 would have port 65536, and a port is at most 65535');
});
