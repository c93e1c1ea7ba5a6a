import { existsSync, readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';
import { isReference } from './program.ts';
import type { Superdaemon } from './superdaemon.ts';

interface Answered {
  /** Which generations have answered so far. */
  readonly generations: () => { readonly has: (generation: number) => boolean };
}

/** What the tests deploy, and how they see that a deploy is over. */
export interface Deployment {
  readonly superdaemon: Superdaemon;
  readonly statusFile: string;
  readonly loads: readonly Answered[];
  /** A generous bound for servers that take long to start. */
  readonly withinMs?: number;
}

/** Deploys by HUP. It is over when the new generation alone is left and has answered every load. */
export async function deploy(deployment: Deployment): Promise<void> {
  const { superdaemon, statusFile } = deployment;
  const newest = Math.max(0, ...publishedGenerations(statusFile));
  await hup(superdaemon);
  await serves(deployment, newest + 1);
}

async function hup(superdaemon: Superdaemon): Promise<void> {
  const after = superdaemon.log().length;
  const nudgeAt = performance.now() + 1_000;
  superdaemon.signal('SIGHUP');
  await eventually(() => {
    if (superdaemon.log().includes('received HUP', after)) return;
    // The reference overlooks a HUP that comes just as it goes idle, until something else wakes it.
    if (isReference && performance.now() > nudgeAt) superdaemon.signal('SIGALRM');
    throw new Error(`HUP was not noticed\n${superdaemon.log()}`);
  });
}

/** Waits until this generation alone is left and has answered every load. */
export async function serves(
  { superdaemon, statusFile, loads, withinMs = 15_000 }: Deployment,
  generation: number,
): Promise<void> {
  await eventually(
    () => {
      const published = publishedGenerations(statusFile);
      const silent = loads.filter((load) => !load.generations().has(generation));
      const alone = published.length > 0 && published.every((each) => each === generation);
      if (!alone || silent.length > 0) {
        const seen = `published: ${published}; loads not answered by it: ${silent.length}`;
        throw new Error(`generation ${generation} does not serve alone (${seen})\n${superdaemon.log()}`);
      }
    },
    { withinMs },
  );
}

/** The generations in the status file, in its order; none before the first worker has started, when there is no file. */
export function publishedGenerations(statusFile: string): number[] {
  const text = existsSync(statusFile) ? readFileSync(statusFile, 'utf8') : '';
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => Number(/^(\d+):\d+$/.exec(line)?.[1]));
}
