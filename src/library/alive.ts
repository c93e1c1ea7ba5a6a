import { superdaemonPipe } from './superdaemon-pipe.ts';

/**
 * From now on tells the superdaemon (`--watchdog`), twice in the time that it allows, that this worker lives: by a timer of
 * the event loop, so that one which is blocked falls silent, and the worker is replaced. `serve` does so by itself. The timer
 * does not keep the process alive.
 *
 * @returns whether anybody listens; false when nobody has asked.
 * @throws Error when NOTIFY_FD is not the number of an open pipe.
 */
export function alive(): boolean {
  const limitMs = Number(process.env.WATCHDOG_USEC) / 1000;
  const pipe = superdaemonPipe();
  if (!(limitMs > 0) || pipe === undefined) return false;
  if (!pipe.isBeating) {
    pipe.isBeating = true;
    const beating = setInterval(() => {
      if (!pipe.write(ALIVE)) clearInterval(beating);
    }, limitMs / 2).unref();
  }
  return pipe.write(ALIVE);
}

const ALIVE = 'WATCHDOG=1\n';
