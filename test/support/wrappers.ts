// Commands that do not execute their server: they end alone when they are told to, and it lives on. Each writes its server's
// pid into `server.GENERATION`, once that has the socket.

import { readFileSync, writeFileSync } from 'node:fs';
import { eventually } from './eventually.ts';
import type { TempDir } from './temp-dir.ts';

export interface Wrapper {
  readonly what: string;
  readonly command: readonly string[];
}

const server = 'sleep 1000 & echo $! >server.$SERVER_STARTER_GENERATION';

/** At 100: Node closes lower ones in what it starts. */
export const SOCKET = '--port=127.0.0.1:0=100';

/** Its server descends from the worker for all to see. */
export const waits: Wrapper = {
  what: 'a shell that waits for its server',
  command: ['sh', '-c', `${server}; wait; true`],
};

/** Its server does not. */
export const daemonizes: Wrapper = {
  what: 'a script that starts a daemon',
  command: ['sh', '-c', `(${server}); exec sleep 999`],
};

export const wrappers: readonly Wrapper[] = [
  { what: 'npm start', command: ['npm', 'start'] },
  waits,
  { what: 'a script that starts a helper', command: ['sh', '-c', `${server}; exec sleep 999`] },
  daemonizes,
];

/** Nothing but SIGKILL ends its server. */
export const stubborn: readonly string[] = ['sh', '-c', `trap '' TERM; ${server}; trap - TERM; wait; true`];

/** For `npm start`. */
export function writePackage(dir: TempDir): void {
  writeFileSync(dir.join('package.json'), JSON.stringify({ scripts: { start: `${server}; wait` } }));
}

export function serverOf(dir: TempDir, generation: number): Promise<number> {
  return eventually(() => {
    const pid = Number(readFileSync(dir.join(`server.${generation}`), 'utf8'));
    if (pid === 0) throw new Error('it has not been written yet');
    return pid;
  });
}
