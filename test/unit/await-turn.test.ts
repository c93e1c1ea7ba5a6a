import { expect, it } from 'vitest';
import { awaitTurn } from '../../src/client/await-turn.ts';
import { tryTurn } from '../../src/files/turn.ts';
import { tempDir } from '../support/temp-dir.ts';

const superdaemon = (isGone: () => boolean) => ({
  ...{ pid: 4711, pidFileIdentity: '', signal: () => {}, wasKilled: () => false },
  ...{ isGone, [Symbol.dispose]: () => {} },
});

it('a client waits until another one of its superdaemon has ended', async () => {
  using dir = tempDir();
  const others = tryTurn(dir.join('pid'));
  let looks = 0;
  const isGone = () => {
    looks += 1;
    if (looks === 2) others?.[Symbol.dispose]();
    return false;
  };
  using turn = await awaitTurn(dir.join('pid'), superdaemon(isGone));
  expect([turn !== undefined, looks]).toEqual([true, 2]);
});

it('a client does not wait for another one when the superdaemon has gone', async () => {
  using dir = tempDir();
  using _others = tryTurn(dir.join('pid'));
  await expect(
    awaitTurn(
      dir.join('pid'),
      superdaemon(() => true),
    ),
  ).rejects.toThrow(`--pid-file=${dir.join('pid')}: superdaemon 4711 went away during the deploy`);
});
