import { tryTurn } from '../files/turn.ts';
import { sleep } from '../posix/sleep.ts';
import { type Running, wentAway } from './running.ts';

const RETRY_MS = 50;

/** Waits until no other client of our user is at work on this pid file. */
export async function awaitTurn(pidFile: string, superdaemon: Running): Promise<Disposable> {
  for (;;) {
    const turn = tryTurn(pidFile);
    if (turn !== undefined) return turn;
    if (superdaemon.isGone()) throw wentAway(pidFile, superdaemon.pid);
    await sleep(RETRY_MS);
  }
}
