import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from '../support/client.ts';
import type { Target } from './service.ts';

const PAUSE_MS = 80;

export interface Probe {
  /** What became of requests that it must not. */
  stop(): Promise<readonly string[]>;
}

/** Asks one after the other. A worker that is killed may cut an answer; nobody may refuse one, or let it wait for ever. */
export function probe(target: Target, patienceMs: number): Probe {
  let isOver = false;
  const lost: string[] = [];
  const loop = async () => {
    while (!isOver) {
      await ask(target, patienceMs).catch((error: NodeJS.ErrnoException) => {
        const what = lossIn(error, target);
        if (what !== undefined) lost.push(`${'path' in target ? 'the Unix socket' : 'the port'} ${what}`);
      });
      await delay(PAUSE_MS);
    }
  };
  const ended = loop();
  return {
    stop: async () => {
      isOver = true;
      await ended;
      return lost;
    },
  };
}

function lossIn({ code, message }: NodeJS.ErrnoException, target: Target): string | undefined {
  if (code === 'ENOENT') return 'has no name';
  if (code === 'ECONNREFUSED')
    return 'path' in target && !existsSync(target.path) ? 'has no name' : 'refuses';
  return message.startsWith('no reply') ? 'does not answer' : undefined;
}
