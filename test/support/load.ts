import { type Request, startHistory } from './history.ts';
import { type Attempt, attemptRequest, type Target } from './request.ts';
import { startTally, type Tally } from './tally.ts';

export interface LoadOptions {
  readonly target: Target;
  /** How many requests are under way at a time. */
  readonly clients?: number;
  /** How long a client rests between its requests. */
  readonly pauseMs?: number;
  /** How long a connection may stand still before its request counts as timed out. */
  readonly timeoutMs?: number;
}

export interface Load extends AsyncDisposable, Omit<Tally, 'add'> {
  /** Who has answered, and when, so far. */
  readonly requests: () => readonly Request[];
  /** Lets the requests under way end, then gives the figures. */
  readonly stop: () => Promise<ReturnType<Tally['report']>>;
}

/** Keeps requests coming, each over a new connection, until it is stopped. */
export function startLoad({ target, clients = 4, pauseMs = 0, timeoutMs = 10_000 }: LoadOptions): Load {
  const { add, ...figures } = startTally();
  const { begin, requests } = startHistory();
  let running = true;

  const client = async (): Promise<void> => {
    while (running) {
      const startedMs = performance.now();
      const end = begin();
      const attempt = await attemptRequest(target, timeoutMs);
      add(attempt, startedMs);
      end(attempt.outcome === 'ok' ? attempt : undefined);
      await restAfter(attempt, pauseMs);
    }
  };
  const allClients = Promise.all(Array.from({ length: clients }, client));

  const stop = async () => {
    running = false;
    await allClients;
    return figures.report();
  };
  return {
    ...figures,
    requests,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

async function restAfter({ outcome }: Attempt, pauseMs: number): Promise<void> {
  // A refusal comes at once: without a rest, a dead server would be asked thousands of times a second.
  const ms = outcome === 'ok' ? pauseMs : Math.max(pauseMs, 5);
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
