// Constant load at several sockets: a connection for each request, and, where it is wanted, kept ones as well.

import { expect } from 'vitest';
import type { AgentLoad } from './agent-load.ts';
import { eventually } from './eventually.ts';
import type { Request } from './history.ts';
import { startKeepAliveLoad } from './keep-alive-load.ts';
import { type Load, startLoad } from './load.ts';
import type { Target } from './request.ts';

export interface MixedReport {
  readonly requests: number;
  /** What became of each request that was not answered. */
  readonly losses: readonly string[];
}

export interface MixedLoad extends AsyncDisposable {
  /** Waits until each client has an answer of that generation. */
  readonly answeredBy: (generation: number) => Promise<void>;
  /** Who has answered, and when, so far. */
  readonly requests: () => readonly Request[];
  readonly stop: () => Promise<MixedReport>;
}

export function startMixedLoad(
  targets: readonly Target[],
  { keepAlive }: { readonly keepAlive: boolean },
): MixedLoad {
  const fresh: Load[] = targets.map((target) =>
    startLoad({ target, clients: 3, pauseMs: 3, timeoutMs: 20_000 }),
  );
  const kept: AgentLoad[] = keepAlive ? targets.map((target) => startKeepAliveLoad(target, 2, 3)) : [];
  const stop = async () => {
    const ended = await Promise.all(fresh.map((load) => load.stop()));
    const keptEnded = await Promise.all(kept.map((load) => load.stop()));
    const requests = [
      ...ended.map(({ counts }) => counts.requests),
      ...keptEnded.map((each) => each.requests),
    ];
    const lost = ended.flatMap(({ losses }) =>
      Object.entries(losses).flatMap(([loss, count]) => Array<string>(count).fill(loss)),
    );
    return {
      requests: requests.reduce((sum, each) => sum + each),
      losses: [...lost, ...keptEnded.flatMap((each) => each.losses)],
    };
  };
  return {
    answeredBy: (generation) =>
      eventually(
        () => {
          for (const load of [...fresh, ...kept])
            expect([...load.generations().keys()]).toContain(generation);
        },
        { withinMs: 30_000 },
      ),
    requests: () => [...fresh, ...kept].flatMap((load) => load.requests()),
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}
