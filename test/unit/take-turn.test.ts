import { chownSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { takeTurn } from '../../src/commands/take-turn.ts';
import { tempDir } from '../support/temp-dir.ts';

const superdaemon = { isGone: () => false } as Parameters<typeof takeTurn>[1];

it('clients of one pid file take turns', async () => {
  using dir = tempDir();
  const pidFile = dir.join('pid');
  writeFileSync(pidFile, '');
  const endFirst = await takeTurn(pidFile, superdaemon);
  let second = false;
  const secondTurn = takeTurn(pidFile, superdaemon).then((end) => {
    second = true;
    return end;
  });
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(second).toBe(false);
  await endFirst();
  await (await secondTurn)();
  expect(second).toBe(true);
});

it.skipIf(process.geteuid?.() !== 0)('a client waits for no turn of another user’s', async () => {
  using dir = tempDir();
  const pidFile = dir.join('pid');
  writeFileSync(pidFile, '');
  mkdirSync(`${pidFile}.lock`);
  utimesSync(`${pidFile}.lock`, 4e9, 4e9);
  chownSync(`${pidFile}.lock`, 65_534, 65_534);
  const before = performance.now();
  await (await takeTurn(pidFile, superdaemon))();
  expect(performance.now() - before).toBeLessThan(5000);
});
