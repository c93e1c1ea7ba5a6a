// A superdaemon hears root and its own user alone.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { anothersWords, cannotAsk } from '../../src/client/another-user.ts';
import { effectiveUserOf } from '../../src/posix/process/process-state.ts';

const STRANGER = 54_321;
const linuxRoot = process.platform === 'linux' && process.geteuid?.() === 0;
const started: ChildProcess[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

async function processOf(user: number): Promise<number> {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore', uid: user, gid: user });
  started.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
}

it.skipIf(!linuxRoot)('root and its own user are told nothing of whose it is', async () => {
  const pid = await processOf(STRANGER);
  expect(effectiveUserOf(pid)).toBe(STRANGER);
  expect([anothersWords(pid, 0), anothersWords(pid, STRANGER)]).toEqual([undefined, undefined]);
  expect(cannotAsk('pid', pid, 'is too old').message).toBe('--pid-file=pid: is too old');
});

it.skipIf(!linuxRoot)('a user is told whose it is, and who may run the client', async () => {
  const [unnamed, roots] = [await processOf(STRANGER), await processOf(0)];
  expect(anothersWords(unnamed, 4711)).toBe(
    `superdaemon ${unnamed} belongs to another user, uid ${STRANGER}: run this as uid ${STRANGER} or root`,
  );
  expect(anothersWords(roots, 4711)).toBe(
    `superdaemon ${roots} belongs to another user, root: run this as root`,
  );
});

it('of a process that has gone nothing is said of its user', async () => {
  const child = spawn('true', { stdio: 'ignore' });
  await once(child, 'exit');
  expect(anothersWords(child.pid ?? 0, 4711)).toBeUndefined();
});
