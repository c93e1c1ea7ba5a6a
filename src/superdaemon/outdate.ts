// The command line may have changed while we serve. Each deploy goes by the one of its time, and so does whoever is started
// for it later: in the place of a worker that has died, or in a slot that scaling adds.

import { type Rule, when } from './rule.ts';
import type { State } from './state.ts';

/** The earliest of them has nobody left, nor is anybody of it wanted. */
export const outdate: Rule = {
  dueAt: (state) => when(oldest(state) >= secondOf(state)),
  act: (state) => {
    const since = oldest(state);
    state.configurations = state.configurations.filter(
      (_, index, all) => (all[index + 1]?.since ?? Number.POSITIVE_INFINITY) > since,
    );
    state.host.outdate(since);
  },
};

function secondOf({ configurations }: State): number {
  return configurations[1]?.since ?? Number.POSITIVE_INFINITY;
}

/** Asked with every event: where there is but one command line nothing is looked at. */
function oldest({ configurations, workers, current, candidate, rolled }: State): number {
  if (configurations.length < 2) return 0;
  return Math.min(
    ...workers.map(({ ordinal }) => ordinal),
    ...rolled.map(({ deploy }) => deploy.ordinal),
    current?.ordinal ?? Number.POSITIVE_INFINITY,
    candidate?.ordinal ?? Number.POSITIVE_INFINITY,
  );
}
