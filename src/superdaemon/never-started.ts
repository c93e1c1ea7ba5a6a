import { endWith, type Outcome, type State } from './state.ts';
import { isStarted } from './worker.ts';

type NeverStarted = Extract<Outcome, { kind: 'never-started' }>;

/** Nobody has ever been started by us, nor is to be. Those who outlived another superdaemon are left alone, and named. */
export function endWithoutStart(state: State, why: string): NeverStarted {
  const serving = servingSurvivors(state);
  const theirs = serving.length === 0 ? '' : `, workers that were taken over serve on: ${serving.join(',')}`;
  const outcome = { kind: 'never-started', reason: why + theirs } as const;
  endWith(state, outcome);
  return outcome;
}

/** Their pids. */
export function servingSurvivors({ workers }: State): readonly number[] {
  return workers.filter((each) => each.ordinal <= 0 && isStarted(each)).map(({ pid }) => pid);
}
