// A table that nothing is shared with, where the heart changes what is in it. What it replaces as a whole is shared.

import type { Deploy } from '../../src/superdaemon/candidate.ts';
import type { GuardedHost } from '../../src/superdaemon/guarded-host.ts';
import type { State } from '../../src/superdaemon/state.ts';

export function copyOf(state: State, host: GuardedHost): State {
  const copies = new Map<Deploy, Deploy>();
  // Whether two of them are the same one is asked.
  const copied = (deploy: Deploy): Deploy => {
    const copy = copies.get(deploy) ?? { ...deploy };
    copies.set(deploy, copy);
    return copy;
  };
  const { current, candidate } = state;
  return {
    ...state,
    host,
    workers: state.workers.map((each) => ({ ...each })),
    slots: state.slots.map((each) => ({ ...each })),
    behind: state.behind.map((each) => ({ ...each })),
    current: current && copied(current),
    candidate: candidate && copied(candidate),
    rolled: state.rolled.map(({ slot, deploy }) => ({ slot, deploy: copied(deploy) })),
  };
}
