import type { Attempt } from './request.ts';

/** What became of the requests: `requests` is the sum of the others. */
export type Counts = Readonly<Record<'requests' | Attempt['outcome'], number>>;

/** Times are in milliseconds since the tally was started. */
export interface GenerationFigures {
  readonly requests: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

export interface LoadReport {
  readonly counts: Counts;
  /** Each kind of loss, and how often it happened: empty when every request was answered. */
  readonly losses: Readonly<Record<string, number>>;
  readonly generations: ReadonlyMap<number, GenerationFigures>;
  readonly latencyMs: { readonly median: number; readonly p99: number; readonly max: number };
  readonly durationMs: number;
}

export interface Tally {
  readonly add: (attempt: Attempt, startedMs: number) => void;
  /** Which generations have answered so far. */
  readonly generations: () => ReadonlyMap<number, GenerationFigures>;
  /** All the figures so far. */
  readonly report: () => LoadReport;
}

/** Keeps count of requests. */
export function startTally(): Tally {
  const beganMs = performance.now();
  const counts = { requests: 0, ok: 0, refused: 0, reset: 0, failed: 0, timedOut: 0, other: 0 };
  const losses: Record<string, number> = {};
  const generations = new Map<number, GenerationFigures>();
  const latencies: number[] = [];

  const addAnswer = (generation: number, startedMs: number): void => {
    const now = performance.now();
    const { requests, firstMs } = generations.get(generation) ?? { requests: 0, firstMs: now - beganMs };
    generations.set(generation, { requests: requests + 1, firstMs, lastMs: now - beganMs });
    latencies.push(now - startedMs);
  };
  /** One that nobody answered says little by its end. */
  const since = (startedMs: number): string => {
    const atMs = startedMs - beganMs;
    const before = [...generations]
      .filter(([, { firstMs }]) => firstMs < atMs)
      .map(([generation]) => generation);
    return `asked at ${(atMs / 1000).toFixed(1)} s, behind generation ${Math.max(0, ...before)}`;
  };
  const addLoss = (loss: string): void => {
    losses[loss] = (losses[loss] ?? 0) + 1;
  };

  return {
    add: (attempt, startedMs) => {
      counts.requests += 1;
      counts[attempt.outcome] += 1;
      if (attempt.outcome === 'ok') addAnswer(attempt.generation, startedMs);
      else if (attempt.outcome !== 'timedOut') addLoss(`${attempt.outcome}: ${attempt.reason}`);
      else addLoss(`timedOut: ${attempt.reason}, ${since(startedMs)}`);
    },
    generations: () => generations,
    report: () => ({
      counts: { ...counts },
      losses: { ...losses },
      generations: new Map(generations),
      latencyMs: percentiles(latencies),
      durationMs: performance.now() - beganMs,
    }),
  };
}

function percentiles(latencies: readonly number[]): LoadReport['latencyMs'] {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { median: at(0.5), p99: at(0.99), max: at(1) };
}
